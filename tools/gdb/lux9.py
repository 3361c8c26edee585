"""Helpers for gdb on a lux9 kernel that runs in QEMU. Loaded by `make gdb`.

	lux9-procs		the processes, with state and what they wait for
	lux9-chans [PID]	the open channels, of one process or of all
	lux9-walk ADDR		the page-table walk of a virtual address
	lux9-frame PADDR	the state and owner of a frame

They only read memory, so they work wherever the kernel stopped, but a list that was just being
changed may look torn.
"""
import re

import gdb

PAGE = 4096
LIMIT = 100000		# of a list that should be a ring: longer means torn
STATES = ("NONE", "FREE", "KERNEL", "OWNED", "FROZEN", "LENT_SHARED", "LENT_MUT", "DEVICE")


def number(text):
	return int(gdb.parse_and_eval(text)) & (2**64 - 1)


def physical_u64(address):
	"""Eight bytes of physical memory, by QEMU's monitor."""
	out = gdb.execute(f"monitor xp /1gx {address:#x}", to_string=True)
	found = re.search(r":\s*(0x[0-9a-fA-F]+)", out)
	if not found:
		raise gdb.GdbError(f"cannot read physical memory at {address:#x}: {out.strip()}")
	return int(found.group(1), 16)


def text(pointer, fallback="-"):
	"""A C string, which may be NULL or not yet there."""
	try:
		return pointer.string(errors="replace") if int(pointer) else fallback
	except gdb.MemoryError:
		return "?"


def processes():
	"""Every Proc of the table, ascending by pid."""
	head = gdb.parse_and_eval("&'table.c'::procs")
	proc = gdb.lookup_type("Proc")
	offset = next(f.bitpos // 8 for f in proc.fields() if f.name == "table_link")
	at = head.dereference()["next"]
	for _ in range(LIMIT):
		if int(at) in (0, int(head)):
			return
		yield gdb.Value(int(at) - offset).cast(proc.pointer()).dereference()
		at = at.dereference()["next"]
	raise gdb.GdbError("the list of processes has no end")


class Procs(gdb.Command):
	"""List the processes: pid, parent, state, name, what it waits for."""

	def __init__(self):
		super().__init__("lux9-procs", gdb.COMMAND_DATA)

	def invoke(self, argument, from_tty):
		print("  pid  ppid state        name             waits for")
		for p in processes():
			state = str(p["state"])
			print(f"{int(p['pid']):5d} {int(p['ppid']):5d} {state:12s}"
				f" {text(p['name']):16s} {text(p['wait_reason'], '')}  {p.address}")


class Chans(gdb.Command):
	"""List the open channels: descriptor, device, mode, flags, references, qid, name."""

	def __init__(self):
		super().__init__("lux9-chans", gdb.COMMAND_DATA)

	@staticmethod
	def show(label, chan):
		if int(chan) == 0:
			return
		c = chan.dereference()
		letter = chr(int(c["dev"].dereference()["letter"])) if int(c["dev"]) else "?"
		name = text(c["path"].dereference()["name"]) if int(c["path"]) else "-"
		print(f"  {label:>5s} #{letter} mode {int(c['mode'])} flag {int(c['flag']):#x}"
			f" ref {int(c['ref']['n'])} qid {int(c['qid']['path']):#x} {name}  {chan}")

	def invoke(self, argument, from_tty):
		wanted = number(argument) if argument.strip() else None
		for p in processes():
			if wanted not in (None, int(p["pid"])):
				continue
			print(f"{int(p['pid'])} {text(p['name'])}")
			self.show("slash", p["slash"])
			self.show("dot", p["dot"])
			if int(p["fgrp"]) == 0:
				continue
			group = p["fgrp"].dereference()
			for fd in range(int(group["maxfd"]) + 1):
				self.show(str(fd), group["fd"][fd])


class Walk(gdb.Command):
	"""Walk the page tables for a virtual address: each entry, then the frame."""

	def __init__(self):
		super().__init__("lux9-walk", gdb.COMMAND_DATA)

	FLAGS = ((0, "P"), (1, "W"), (2, "U"), (3, "PWT"), (4, "PCD"), (5, "A"), (6, "D"),
		(7, "PS"), (8, "G"), (63, "NX"))

	def flags(self, entry):
		return " ".join(name for bit, name in self.FLAGS if entry >> bit & 1)

	def invoke(self, argument, from_tty):
		if not argument.strip():
			raise gdb.GdbError("usage: lux9-walk ADDR")
		address = number(argument)
		if not number("$cr0") >> 31 & 1:
			print("paging is off: the address is physical")
			return
		table = number("$cr3") & 0x000ffffffffff000
		names = ("PT", "PD", "PDPT", "PML4", "PML5")
		for level in range(5 if number("$cr4") >> 12 & 1 else 4, 0, -1):
			shift = 12 + 9 * (level - 1)
			index = address >> shift & 511
			entry = physical_u64(table + 8 * index)
			print(f"{names[level - 1]:5s} {table:#x}[{index}] = {entry:#018x}"
				f" {self.flags(entry)}")
			if not entry & 1:
				print("not mapped")
				return
			if level == 1 or entry >> 7 & 1:
				break
			table = entry & 0x000ffffffffff000
		size = 1 << shift
		base = entry & 0x000ffffffffff000 & ~(size - 1)
		where = base + (address & (size - 1))
		print(f"{address:#x} -> {where:#x} in a page of {size >> 10} KiB")


class Frame(gdb.Command):
	"""Show state, holders and owner of the frame at a physical address."""

	def __init__(self):
		super().__init__("lux9-frame", gdb.COMMAND_DATA)

	@staticmethod
	def find(frame):
		"""The descriptor, or None where there is no RAM of ours."""
		shift = int(gdb.parse_and_eval("SECTION_SHIFT")) - 12
		sections = gdb.parse_and_eval("'frame.c'::sections")
		index = frame >> shift
		if int(sections) == 0 or index >= number("'frame.c'::nsections"):
			return None
		section = sections[index]
		at = frame - int(section["first"])
		if int(section["pages"]) == 0 or not 0 <= at < int(section["count"]):
			return None
		return section["pages"][at]

	def invoke(self, argument, from_tty):
		if not argument.strip():
			raise gdb.GdbError("usage: lux9-frame PADDR")
		address = number(argument)
		page = self.find(address // PAGE)
		if page is None:
			print(f"{address:#x} is in no frame of RAM")
			return
		state = int(page["state"])
		name = STATES[state] if state < len(STATES) else f"state {state}"
		print(f"frame {address // PAGE:#x} {name} holders {int(page['holders'])}"
			f" owner {page['owner']}")
		if name == "KERNEL":
			tag = gdb.Value(int(page["tag"])).cast(gdb.lookup_type("enum KernelTag"))
			print(f"tag {tag}")
		last = int(page["last"])
		caller = gdb.parse_and_eval("(unsigned long)&__text_start") + (last & 0xffffff)
		where = gdb.execute(f"info symbol {int(caller):#x}", to_string=True).strip()
		op = gdb.Value(last >> 24).cast(gdb.lookup_type("enum OwnOp"))
		print(f"last transition {op} by {where}")
		print(f"descriptor {page.address}")


for command in (Procs, Chans, Walk, Frame):
	command()
