/*
 * The loader from beginning to end: what Multiboot passes becomes the state
 * that the Limine protocol promises a kernel. The first module is the kernel,
 * the second the initrd, and the others are further archives. A module's
 * string is its path and, after the first blank, its command line.
 */
#include "boot.h"

enum {
	MB1_MAGIC = 0x2badb002,
	MB2_MAGIC = 0x36d76289,
	CPUID_LM = 1 << 29,
	CPUID_NX = 1 << 20,
	CPUID_PAT = 1 << 16,
	CPUID_MSR = 1 << 5,
};

Boot boot = { .args = "" };

static char strings[STRINGS_MAX];
static u32 strings_used;
static Handover handover;

void boot_main(u32 magic, u32 info);

void *
memset(void *to, int c, size_t n)
{
	void *p = to;

	__asm__ volatile("rep stosb" : "+D"(p), "+c"(n) : "a"(c) : "memory");
	return to;
}

void *
memcpy(void *to, const void *from, size_t n)
{
	void *p = to;

	__asm__ volatile("rep movsb" : "+D"(p), "+S"(from), "+c"(n) : : "memory");
	return to;
}

static char *
string_alloc(u32 size)
{
	char *p = strings + strings_used;

	if (size > STRINGS_MAX - strings_used)
		stop("the command lines take more than %u bytes.", (u32)STRINGS_MAX);
	strings_used += size;
	return p;
}

/* A copy of at most max bytes of s, always terminated. */
char *
string_copy(const char *s, u32 max)
{
	char *copy;
	u32 n;

	for (n = 0; n < max && s[n] != '\0'; n++)
		continue;
	copy = string_alloc(n + 1);
	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

/* Takes over the string; splits it into path and command line. */
void
module_add(u32 base, u32 end, char *string)
{
	Module *m = &boot.modules[boot.nmodules];

	if (boot.nmodules == NMODULE_MAX)
		stop("there are more than %u modules.", (u32)NMODULE_MAX);
	while (*string == ' ')
		string++;
	m->path = string;
	while (*string != '\0' && *string != ' ')
		string++;
	if (*string == ' ')
		*string++ = '\0';
	m->args = string;
	if (end < base)
		stop("the module %s ends before it begins.", m->path);
	m->base = base;
	m->size = end - base;
	boot.nmodules++;
}

static void
cpuid(u32 leaf, u32 *eax, u32 *edx)
{
	u32 ebx, ecx = 0;

	*eax = leaf;
	__asm__("cpuid" : "+a"(*eax), "=b"(ebx), "+c"(ecx), "=d"(*edx));
}

/* CPUID exists when the ID flag of EFLAGS can be changed. */
static int
has_cpuid(void)
{
	u32 before, after;

	__asm__ volatile(
		"pushfl; popl %0; movl %0, %1; xorl $0x200000, %1; pushl %1; popfl; pushfl; popl %1"
		: "=&r"(before), "=&r"(after) : : "cc");
	return ((before ^ after) & 0x200000) != 0;
}

static void
check_processor(void)
{
	u32 eax, edx = 0;

	if (has_cpuid()) {
		cpuid(0x80000000, &eax, &edx);
		edx = 0;
		if (eax >= 0x80000001)
			cpuid(0x80000001, &eax, &edx);
	}
	if ((edx & CPUID_LM) == 0)
		stop("this processor has no 64-bit mode.");
	if ((edx & CPUID_NX) == 0)
		stop("this processor cannot make pages non-executable (NX).");
	cpuid(1, &eax, &edx);
	if ((edx & CPUID_PAT) == 0 || (edx & CPUID_MSR) == 0)
		stop("this processor has no page attribute table (PAT).");
}

/* The loader's own arguments follow those of the kernel's module string. */
static void
join_args(void)
{
	Module *k = &boot.modules[0];
	const char *from[2] = { k->args, boot.args };
	u32 size[2] = { 0, 0 };
	char *p;
	u32 i;

	for (i = 0; i < 2; i++) {
		while (from[i][size[i]] != '\0')
			size[i]++;
	}
	if (size[1] == 0)
		return;
	p = string_alloc(size[0] + size[1] + 2);
	memcpy(p, from[0], size[0]);
	if (size[0] != 0)
		p[size[0]++] = ' ';
	memcpy(p + size[0], from[1], size[1]);
	p[size[0] + size[1]] = '\0';
	k->args = p;
}

static void
check_modules(void)
{
	const Module *m;
	u64 base, end;
	u32 i;

	if (boot.nmodules == 0)
		stop("there is no kernel: the first module must be lux9.elf.");
	if (boot.nmodules == 1)
		stop("there is no initrd: the second module must be initrd.tar.");
	for (i = 0; i < boot.nmodules; i++) {
		m = &boot.modules[i];
		base = m->base;
		end = base + m->size;
		if (m->size == 0)
			stop("the module %s is empty.", m->path);
		if (base < phys(loader_end) && end > phys(loader_start))
			stop("the module %s lies over the loader.", m->path);
		if (!mem_is_usable(round_down(base, PAGE), round_up(end, PAGE)))
			stop("too little memory: module %s (%u KiB at %x) is not in usable memory.",
				m->path, m->size >> 10, base);
	}
}

/* Claims the memory of all modules before anything is allocated. */
static void
claim_modules(void)
{
	const Module *m;
	u32 i;

	for (i = 0; i < boot.nmodules; i++) {
		m = &boot.modules[i];
		mem_set(round_down(m->base, PAGE), round_up((u64)m->base + m->size, PAGE),
			i == 0 ? MEM_LOADER : MEM_KERNEL);
	}
}

static int
shares_pages(u32 i)
{
	const Module *m = &boot.modules[i];
	const Module *o;
	u32 j;

	for (j = 0; j < boot.nmodules; j++) {
		o = &boot.modules[j];
		if (j != i && round_down(m->base, PAGE) < round_up((u64)o->base + o->size, PAGE)
		&& round_down(o->base, PAGE) < round_up((u64)m->base + m->size, PAGE))
			return 1;
	}
	return 0;
}

/*
 * Modules must start on page borders and own their pages; one that does not
 * is copied. The rest of a module's last page is cleared. A copy that moves
 * away may have shared a page with a module that stays, so all claim again.
 */
static void
align_modules(void)
{
	Module *m;
	void *copy;
	u32 i, tail;

	for (i = 0; i < boot.nmodules; i++) {
		m = &boot.modules[i];
		if (m->base % PAGE != 0 || shares_pages(i)) {
			copy = mem_alloc(m->size, PAGE, i == 0 ? MEM_LOADER : MEM_KERNEL, "module");
			memcpy(copy, at(m->base), m->size);
			mem_set(round_down(m->base, PAGE), round_up((u64)m->base + m->size, PAGE),
				MEM_LOADER);
			m->base = phys(copy);
			continue;
		}
		tail = (u32)-m->size % PAGE;
		memset(at(m->base + m->size), 0, tail);
	}
	claim_modules();
}

static void
claim_framebuffer(void)
{
	u64 size = (u64)boot.fb.pitch_bytes * boot.fb.height;

	if (size == 0 || size > FB_MAX || boot.fb.base > PHYS_MAX - size) {
		boot.fb.pitch_bytes = 0;
		return;
	}
	mem_set(round_down(boot.fb.base, PAGE), round_up(boot.fb.base + size, PAGE),
		MEM_FRAMEBUFFER);
}

/* Whether the kernel's command line has the word. */
static int
has_option(const char *word)
{
	const char *s = boot.modules[0].args;
	u32 i;

	while (*s != '\0') {
		for (i = 0; word[i] != '\0' && s[i] == word[i]; i++)
			continue;
		if (word[i] == '\0' && (s[i] == '\0' || s[i] == ' '))
			return 1;
		while (*s != '\0' && *s++ != ' ')
			continue;
	}
	return 0;
}

static void
mask_pic(void)
{
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
}

void
boot_main(u32 magic, u32 info)
{
	serial_init();
	if (magic == MB1_MAGIC)
		mb1_read(info);
	else if (magic == MB2_MAGIC)
		mb2_read(info);
	else
		stop("started by neither Multiboot 1 nor Multiboot 2 (EAX is %x).", (u64)magic);
	check_processor();
	mem_settle();
	check_modules();
	join_args();
	mem_set(phys(loader_start), phys(loader_end), MEM_LOADER);
	claim_modules();
	align_modules();
	claim_framebuffer();
	elf_load(&boot.modules[0]);
	limine_check();
	paging_build(&handover);
	limine_answer(&handover);
	mask_pic();
	acpi_mask_ioapics();
	if (has_option("com2=mark"))
		serial_mark_com2();
	say("starting %s at %x.", boot.modules[0].path, kernel.entry);
	enter_kernel(&handover);
}
