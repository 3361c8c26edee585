/*
 * Names. A few directories of lux9 lie elsewhere on Linux: /env, /srv and
 * what processes tell each other in a directory of the run, /bin beside the
 * program; the rest is the host's. Device files are made up when opened.
 *
 *	LUX9RUN	the run's directory; made and removed by the first process if unset
 *	LUX9BIN	what /bin is
 *	LUX9MAP	more of the same: lux9=linux pairs with blanks between
 */
#include "linux.h"

enum {
	NMAP = 32,
	NENV = 1024,
};

typedef struct Map Map;
struct Map {
	char	guest[256];
	char	host[1024];
};

char rundir[PATHLEN];
static Map maps[NMAP];
static int nmap;
static char bindir[PATHLEN];

static char*
hostgetenv(char *name)
{
	long n = strlen(name);
	int i;

	for(i = 0; hostenv[i] != nil; i++)
		if(strncmp(hostenv[i], name, n) == 0 && hostenv[i][n] == '=')
			return hostenv[i] + n + 1;
	return nil;
}

int
unmapname(char *guest)
{
	int i;

	for(i = nmap-1; i >= 0; i--)
		if(strcmp(maps[i].guest, guest) == 0){
			memmove(&maps[i], &maps[i+1], (ulong)(nmap-i-1) * sizeof maps[0]);
			nmap--;
			return 0;
		}
	return fail("not mounted");
}

int
mapname(char *guest, char *host)
{
	if(nmap >= NMAP)
		return fail("too many binds for the Linux back end");
	strecpy(maps[nmap].guest, maps[nmap].guest + sizeof maps[0].guest, guest);
	strecpy(maps[nmap].host, maps[nmap].host + sizeof maps[0].host, host);
	nmap++;
	return 0;
}

static void
writefile(char *name, char *text)
{
	int fd = (int)lx(Lopenat, ATCWD, (long)name, 01101, 0666, 0, 0);

	if(fd >= 0){
		lx(Lwrite, fd, (long)text, strlen(text), 0, 0, 0);
		lx(Lclose, fd, 0, 0, 0, 0, 0);
	}
}

static void
makerundir(void)
{
	static char *vars[] = { "cputype", "amd64", "service", "terminal" };
	char name[PATHLEN], *home = hostgetenv("HOME");
	int i;

	snprint(rundir, sizeof rundir, "/tmp/lux9.%d", (int)_tos->pid);
	lx(Lmkdir, (long)rundir, 0700, 0, 0, 0, 0);
	snprint(name, sizeof name, "%s/srv", rundir);
	lx(Lmkdir, (long)name, 0700, 0, 0, 0, 0);
	snprint(name, sizeof name, "%s/env", rundir);
	lx(Lmkdir, (long)name, 0700, 0, 0, 0, 0);
	for(i = 0; i < (int)nelem(vars); i += 2){
		snprint(name, sizeof name, "%s/env/%s", rundir, vars[i]);
		writefile(name, vars[i+1]);
	}
	snprint(name, sizeof name, "%s/env/user", rundir);
	writefile(name, username());
	snprint(name, sizeof name, "%s/env/home", rundir);
	writefile(name, home != nil ? home : "/");
	isleader = 1;
}

static void
addmaps(char *s)
{
	char *f[NMAP], *p;
	int i, n;

	s = strdup(s);
	n = tokenize(s, f, NMAP);
	for(i = 0; i < n; i++)
		if((p = strchr(f[i], '=')) != nil){
			*p = 0;
			mapname(f[i], p+1);
		}
}

void
initnames(void)
{
	char exe[PATHLEN], *s;
	long n;

	n = lx(Lreadlink, (long)"/proc/self/exe", (long)exe, sizeof exe - 1, 0, 0, 0);
	exe[n > 0 ? n : 0] = 0;
	s = strrchr(exe, '/');
	strecpy(procname, procname + sizeof procname, s != nil ? s+1 : "program");
	if(hostgetenv("LUX9NAME") != nil)
		strecpy(procname, procname + sizeof procname, hostgetenv("LUX9NAME"));
	if(s != nil)
		*s = 0;
	strcpy(bindir, hostgetenv("LUX9BIN") != nil ? hostgetenv("LUX9BIN") : exe);
	if(hostgetenv("LUX9RUN") != nil)
		strecpy(rundir, rundir + sizeof rundir, hostgetenv("LUX9RUN"));
	else
		makerundir();
	mapname("/bin", bindir);
	snprint(exe, sizeof exe, "%s/srv", rundir);
	mapname("/srv", exe);
	snprint(exe, sizeof exe, "%s/%s", rundir,
		hostgetenv("LUX9ENV") != nil ? hostgetenv("LUX9ENV") : "env");
	mapname("/env", exe);
	if(hostgetenv("LUX9MAP") != nil)
		addmaps(hostgetenv("LUX9MAP"));
}

/* The environment for a program to be executed: the host's, and ours as it is now. */
char**
execenv(char *name)
{
	static char *env[NENV + 8];
	char *m;
	int i, n = 0;

	for(i = 0; hostenv[i] != nil && n < NENV; i++)
		if(strncmp(hostenv[i], "LUX9", 4) != 0)
			env[n++] = hostenv[i];
	env[n++] = smprint("LUX9NAME=%s", name);
	env[n++] = smprint("LUX9RUN=%s", rundir);
	env[n++] = smprint("LUX9BIN=%s", bindir);
	m = strdup("LUX9MAP=");
	for(i = 0; i < nmap; i++){
		if(strcmp(maps[i].guest, "/env") == 0
		&& strncmp(maps[i].host, rundir, strlen(rundir)) == 0)
			env[n++] = smprint("LUX9ENV=%s", maps[i].host + strlen(rundir) + 1);
		else if(i > 1)
			m = smprint("%s '%s=%s'", m, maps[i].guest, maps[i].host);
	}
	env[n++] = m;
	env[n] = nil;
	return env;
}

static void
removeall(char *dir)
{
	char buf[4096], name[PATHLEN], *p;
	int fd, n, i;

	fd = (int)lx(Lopenat, ATCWD, (long)dir, 0200000, 0, 0, 0);
	if(fd < 0)
		return;
	while((n = (int)lx(Lgetdents, fd, (long)buf, sizeof buf, 0, 0, 0)) > 0)
		for(i = 0; i < n; i += *(ushort*)(buf+i+16)){
			p = buf + i + 19;
			if(strcmp(p, ".") == 0 || strcmp(p, "..") == 0)
				continue;
			snprint(name, sizeof name, "%s/%s", dir, p);
			if(buf[i+18] == 4)
				removeall(name);
			else
				lx(Lunlink, (long)name, 0, 0, 0, 0, 0);
		}
	lx(Lclose, fd, 0, 0, 0, 0, 0);
	lx(Lrmdir, (long)dir, 0, 0, 0, 0, 0);
}

/* The first process removes the directory of the run as it exits. */
void
cleanup(void)
{
	removeall(rundir);
}

/* A new environment directory for this process, a copy if asked. */
int
copyenv(int copy)
{
	char old[PATHLEN], new[PATHLEN], buf[4096], from[PATHLEN], to[PATHLEN], data[4096];
	int dfd, n, i, a, b, m;

	hostname("/env", old);
	snprint(new, sizeof new, "%s/env.%d", rundir, (int)_tos->pid);
	lx(Lmkdir, (long)new, 0700, 0, 0, 0, 0);
	unmapname("/env");
	mapname("/env", new);
	if(!copy)
		return 0;
	dfd = (int)lx(Lopenat, ATCWD, (long)old, 0200000, 0, 0, 0);
	while((n = (int)lx(Lgetdents, dfd, (long)buf, sizeof buf, 0, 0, 0)) > 0)
		for(i = 0; i < n; i += *(ushort*)(buf+i+16)){
			snprint(from, sizeof from, "%s/%s", old, buf+i+19);
			snprint(to, sizeof to, "%s/%s", new, buf+i+19);
			if(buf[i+18] != 8)
				continue;
			a = (int)lx(Lopenat, ATCWD, (long)from, 0, 0, 0, 0);
			b = (int)lx(Lopenat, ATCWD, (long)to, 01101, 0666, 0, 0);
			while((m = (int)lx(Lread, a, (long)data, sizeof data, 0, 0, 0)) > 0)
				lx(Lwrite, b, (long)data, m, 0, 0, 0);
			lx(Lclose, a, 0, 0, 0, 0, 0);
			lx(Lclose, b, 0, 0, 0, 0, 0);
		}
	lx(Lclose, dfd, 0, 0, 0, 0, 0);
	return 0;
}

char*
username(void)
{
	char *s = hostgetenv("USER");

	return s != nil && *s != 0 ? s : "glenda";
}

/* #c/pid and its like by the names they are usually bound to. */
static int
undevice(char *name, char *out)
{
	static struct { char c; char *dir; } devs[] = {
		{ 'c', "/dev" }, { 'e', "/env" }, { 's', "/srv" }, { 'd', "/fd" }, { 'p', "/proc" },
	};
	int i;

	if(name[0] != '#'){
		strecpy(out, out + PATHLEN, name);
		return 0;
	}
	for(i = 0; i < (int)nelem(devs); i++)
		if(name[1] == devs[i].c && (name[2] == 0 || name[2] == '/')){
			snprint(out, PATHLEN, "%s%s", devs[i].dir, name+2);
			return 0;
		}
	return fail("unknown device in # filename");
}

/* Turns a name of the program into one of Linux. */
int
hostname(char *name, char *host)
{
	char clean[PATHLEN];
	long n, best = 0;
	Map *m = nil;
	int i;

	if(name[0] == 0)
		return fail("empty file name");
	if(strlen(name) >= PATHLEN)
		return fail("name too long");
	if(undevice(name, clean) < 0)
		return -1;
	if(clean[0] != '/'){
		strecpy(host, host + PATHLEN, clean);
		return 0;
	}
	cleanname(clean);
	for(i = 0; i < nmap; i++){
		n = strlen(maps[i].guest);
		if(n >= best && strncmp(clean, maps[i].guest, n) == 0
		&& (clean[n] == 0 || clean[n] == '/')){
			best = n;
			m = &maps[i];
		}
	}
	if(m != nil)
		snprint(host, PATHLEN, "%s%s", m->host, clean + best);
	else
		strecpy(host, host + PATHLEN, clean);
	return 0;
}

/* The reverse, for fd2path. */
int
guestname(char *host, char *name, int n)
{
	long k;
	int i;

	if(strncmp(host, "/dev/pts/", 9) == 0 || strncmp(host, "/dev/tty", 8) == 0)
		host = "/dev/cons";
	for(i = nmap-1; i >= 0; i--){
		k = strlen(maps[i].host);
		if(strncmp(host, maps[i].host, k) == 0 && (host[k] == 0 || host[k] == '/')){
			snprint(name, n, "%s%s", maps[i].guest, host + k);
			return 0;
		}
	}
	strecpy(name, name + n, host);
	return 0;
}

/* A descriptor from which text can be read. */
static int
madefile(char *text)
{
	int fd = (int)lx(Lmemfd, (long)"lux9", 0, 0, 0, 0, 0);

	if(fd >= 0){
		lx(Lwrite, fd, (long)text, strlen(text), 0, 0, 0);
		lx(Llseek, fd, 0, 0, 0, 0, 0);
	}
	return fd;
}

static int
procfile(char *s, int *fd)
{
	char *end;
	int pid = (int)strtol(s, &end, 10), kind;

	if(strcmp(end, "/note") == 0)
		kind = Knote;
	else if(strcmp(end, "/notepg") == 0)
		kind = Knotepg;
	else if(strcmp(end, "/ctl") == 0)
		kind = Kctl;
	else if(strcmp(end, "/args") == 0){
		*fd = madefile("");
		return 1;
	}else
		return 0;
	*fd = (int)lx(Lopenat, ATCWD, (long)"/dev/null", 2, 0, 0, 0);
	if(*fd >= 0 && *fd < NFD){
		fds[*fd].kind = kind;
		fds[*fd].pid = pid;
	}
	return 1;
}

static int
devfile(char *s, int mode, int *fd)
{
	char buf[400];
	int pid = (int)_tos->pid;

	buf[0] = 0;
	if(strcmp(s, "cons") == 0){
		*fd = (int)lx(Lopenat, ATCWD, (long)"/dev/tty", 2, 0, 0, 0);
		if(*fd < 0)
			*fd = (int)lx(Ldup, (mode & 3) == OREAD ? 0 : 1, 0, 0, 0, 0, 0);
		return 1;
	}
	if(strcmp(s, "random") == 0){
		*fd = (int)lx(Lopenat, ATCWD, (long)"/dev/urandom", 0, 0, 0, 0);
		return 1;
	}
	if(strcmp(s, "user") == 0)
		strecpy(buf, buf + sizeof buf, username());
	else if(strcmp(s, "sysname") == 0)
		lx(Luname, (long)buf, 0, 0, 0, 0, 0), memmove(buf, buf + 65, 65);
	else if(strcmp(s, "pid") == 0)
		snprint(buf, sizeof buf, "%11d ", pid);
	else if(strcmp(s, "ppid") == 0)
		snprint(buf, sizeof buf, "%11d ", (int)lx(Lgetppid, 0, 0, 0, 0, 0, 0));
	else if(strcmp(s, "time") == 0)
		snprint(buf, sizeof buf, "%11lld %21lld %21lld %21lld ", now()/1000000000, now(),
			now(), 1000000000LL);
	else if(strcmp(s, "cputime") == 0)
		snprint(buf, sizeof buf, "%11d %11d %11d %11d %11d %11d ", 0, 0,
			(int)((now() - startns)/1000000), 0, 0, 0);
	else
		return 0;
	*fd = madefile(buf);
	return 1;
}

/* Opens what Linux has not got; 0 if the name is an ordinary one. */
int
openspecial(char *name, int mode, int *fd)
{
	char path[PATHLEN];

	if(undevice(name, path) < 0 || path[0] != '/')
		return 0;
	cleanname(path);
	if(strncmp(path, "/fd/", 4) == 0 && path[4] >= '0' && path[4] <= '9'){
		*fd = (int)lx(Ldup, atoi(path+4), 0, 0, 0, 0, 0);
		return 1;
	}
	if(strncmp(path, "/proc/", 6) == 0 && path[6] >= '0' && path[6] <= '9')
		return procfile(path+6, fd);	/* pid is decimal, never octal */
	if(strncmp(path, "/dev/", 5) == 0)
		return devfile(path+5, mode, fd);
	return 0;
}
