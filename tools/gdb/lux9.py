"""Helpers for gdb on a lux9 kernel that runs in QEMU. Loaded by `make gdb`.

	lux9-procs		the processes, with state and what they wait for
	lux9-chans [PID]	the open channels, of one process or of all
	lux9-mounts [PID]	the name space of one process or of all: what is on what
	lux9-locks		what processors and processes hold (sleeping locks: BUILD=checked),
				and who waits for whom
	lux9-callers PID	where in the kernel a process that does not run waits
	lux9-walk ADDR		the page-table walk of a virtual address
	lux9-frame PADDR	the state and owner of a frame
	lux9-owner ADDR		the state and owner of the frame behind a virtual address, and the
				segment and process that it belongs to

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


def bucket(head):
	"""The Procs of one list of the table."""
	proc = gdb.lookup_type("Proc")
	offset = next(f.bitpos // 8 for f in proc.fields() if f.name == "table_link")
	at = head["next"]
	for _ in range(LIMIT):
		if int(at) in (0, int(head.address)):
			return
		yield gdb.Value(int(at) - offset).cast(proc.pointer()).dereference()
		at = at.dereference()["next"]
	raise gdb.GdbError("the list of processes has no end")


def processes():
	"""Every Proc of the table, ascending by pid."""
	table = gdb.parse_and_eval("'table.c'::table")
	found = [p for i in range(table.type.range()[1] + 1) for p in bucket(table[i]["procs"])]
	return sorted(found, key=lambda p: int(p["pid"]))


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


class Mounts(gdb.Command):
	"""List the mounts of name spaces in order: number, what, on what, flags."""

	def __init__(self):
		super().__init__("lux9-mounts", gdb.COMMAND_DATA)

	@staticmethod
	def name(chan):
		if int(chan) == 0 or int(chan.dereference()["path"]) == 0:
			return "-"
		return text(chan.dereference()["path"].dereference()["name"])

	def show(self, group):
		at = group.dereference()["order"]
		for _ in range(LIMIT):
			if int(at) == 0:
				return
			m = at.dereference()
			on = m["head"].dereference()["from"] if int(m["head"]) else m["to"]
			print(f"  {int(m['id']):4d} {self.name(m['to'])} on {self.name(on)}"
				f" flag {int(m['flag']):#x}  {at}")
			at = m["order"]
		print("  the list has no end")

	def invoke(self, argument, from_tty):
		wanted = number(argument) if argument.strip() else None
		seen = set()
		for p in processes():
			group = p["pgrp"]
			if wanted not in (None, int(p["pid"])) or int(group) == 0:
				continue
			print(f"{int(p['pid'])} {text(p['name'])} name space {group}")
			if int(group) not in seen:
				self.show(group)
			seen.add(int(group))


def where(pc):
	"""function+offset of an address of text, as gdb says it."""
	found = gdb.execute(f"info symbol {int(pc):#x}", to_string=True).strip()
	return found.split(" in section")[0].replace(" + ", "+")


class Locks(gdb.Command):
	"""List the locks that are held, and who waits for which sleeping lock and its holder."""

	def __init__(self):
		super().__init__("lux9-locks", gdb.COMMAND_DATA)

	@staticmethod
	def class_name(lock):
		return text(lock["class"].dereference()["name"]) if int(lock["class"]) else "-"

	def spinning(self):
		machines = gdb.parse_and_eval("'gdt.c'::machines")
		for i in range(machines.type.range()[1] + 1):
			if int(machines[i]) == 0:
				return
			cpu = machines[i].dereference()["cpu"]
			print(f"cpu{i}: {int(cpu['nlocks'])} spin locks")
			held = cpu["held"]
			for j in range(held.type.range()[1] + 1 if int(cpu["nlocks"]) else 0):
				if int(held[j]) and int(held[j].dereference()["cpu"]) == i + 1:
					lock = held[j].dereference()
					print(f"  {self.class_name(lock)} taken by"
						f" {where(lock['pc'])}  {held[j]}")

	def waiting(self, p):
		wait = p["lockwait"]
		if int(wait["lock"]) == 0:
			return
		kind = "RWLock" if int(wait["rw"]) else "QLock"
		lock = wait["lock"].cast(gdb.lookup_type(kind).pointer()).dereference()
		holder = lock["writer" if int(wait["rw"]) else "holder"]
		line = f"{int(p['pid'])} {text(p['name'])} waits for {self.class_name(lock)}"
		if int(holder):
			h = holder.dereference()
			line += f", held by {int(h['pid'])} {text(h['name'])}"
			line += f", taken by {where(lock['pc'])}"
		print(line)

	def invoke(self, argument, from_tty):
		self.spinning()
		for p in processes():
			self.waiting(p)
			held = p["held"]["held"]
			for i in range(min(int(p["held"]["n"]), held.type.range()[1] + 1)):
				print(f"{int(p['pid'])} {text(p['name'])} holds"
					f" {self.class_name(held[i])}, taken by"
					f" {where(held[i]['pc'])}")


class Callers(gdb.Command):
	"""Show where in the kernel a process that does not run waits."""

	def __init__(self):
		super().__init__("lux9-callers", gdb.COMMAND_DATA)

	def invoke(self, argument, from_tty):
		if not argument.strip():
			raise gdb.GdbError("usage: lux9-callers PID")
		wanted = number(argument)
		found = [p for p in processes() if int(p["pid"]) == wanted]
		if not found:
			raise gdb.GdbError(f"there is no process {wanted}")
		word = gdb.lookup_type("unsigned long").pointer()
		context = gdb.lookup_type("Context").pointer()	# what label_switch left
		saved = gdb.Value(int(found[0]["sched"]["sp"])).cast(context).dereference()
		pc, bp = int(saved["pc"]), int(saved["bp"])
		for _ in range(64):
			print(f"  {pc:#x} {where(pc)}")
			if bp == 0:
				return
			frame = gdb.Value(bp).cast(word)
			pc, bp = int(frame[1]), int(frame[0])
			if pc == 0:
				return


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
		self.walk(number(argument))

	def walk(self, address):
		"""The physical address, or None; each entry on the way is shown."""
		if not number("$cr0") >> 31 & 1:
			print("paging is off: the address is physical")
			return address
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
				return None
			if level == 1 or entry >> 7 & 1:
				break
			table = entry & 0x000ffffffffff000
		size = 1 << shift
		base = entry & 0x000ffffffffff000 & ~(size - 1)
		physical = base + (address & (size - 1))
		print(f"{address:#x} -> {physical:#x} in a page of {size >> 10} KiB")
		return physical


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
		self.show(number(argument))

	def show(self, address):
		page = self.find(address // PAGE)
		if page is None:
			print(f"{address:#x} is in no frame of RAM")
			return 0
		state = int(page["state"])
		name = STATES[state] if state < len(STATES) else f"state {state}"
		print(f"frame {address // PAGE:#x} {name} holders {int(page['holders'])}"
			f" owner {page['owner']}")
		if name == "KERNEL":
			tag = gdb.Value(int(page["tag"])).cast(gdb.lookup_type("enum KernelTag"))
			print(f"tag {tag}")
		last = int(page["last"])
		caller = gdb.parse_and_eval("(unsigned long)&__text_start") + (last & 0xffffff)
		op = gdb.Value(last >> 24).cast(gdb.lookup_type("enum OwnOp"))
		print(f"last transition {op} by {where(caller)}")
		print(f"descriptor {page.address}")
		return int(page["owner"])


class Owner(gdb.Command):
	"""Show the frame behind a virtual address and the segment and processes that own it."""

	def __init__(self):
		super().__init__("lux9-owner", gdb.COMMAND_DATA)

	def invoke(self, argument, from_tty):
		if not argument.strip():
			raise gdb.GdbError("usage: lux9-owner ADDR")
		physical = walk.walk(number(argument))
		if physical is None:
			return
		owner = frame.show(physical)
		for p in processes():
			segments = p["space"]["seg"]
			for i in range(segments.type.range()[1] + 1):
				if owner and int(segments[i]) == owner:
					s = segments[i].dereference()
					print(f"segment {i} of process {int(p['pid'])}"
						f" {text(p['name'])}, {int(s['base']):#x} to"
						f" {int(s['top']):#x}")


walk, frame = Walk(), Frame()
for command in (Procs, Chans, Mounts, Locks, Callers, Owner):
	command()
