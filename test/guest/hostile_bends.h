/*
 * The ways in which the server of hostile.c answers badly. Each is called with the honest
 * answer made, in R as fields and in out as bytes.
 */
/* ---- bends: called with the honest answer made ---- */

static void retag(int tag)
{
	out[5] = (uchar)tag;
	out[6] = (uchar)(tag >> 8);
	send();
	out[5] = (uchar)T.tag;
	out[6] = (uchar)(T.tag >> 8);
}

static void b_wrongtag(void) { retag(T.tag + 1); send(); }
static void b_notag(void) { retag(0xFFFF); send(); }
static void b_tagzero(void) { retag(0); send(); }

static void b_manytags(void)
{
	int i;

	for (i = 0; i < 500; i++)
		retag(0x4000 + i);
	send();
}

static void b_twice(void) { send(); send(); }
static void b_fourtimes(void) { b_twice(); b_twice(); }

static void settype(int type) { out[4] = (uchar)type; send(); }
static void b_echo(void) { settype(T.type); }
static void b_terror(void) { settype(106); }
static void b_type0(void) { settype(0); }
static void b_type255(void) { settype(255); }
static void b_rversion(void) { settype(Rversion); }
static void b_othertype(void) { settype(T.type == Tstat ? Rwstat : Rstat); }

static void setsize(uint n) { PBIT32(out, n); send(); }
static void b_size0(void) { setsize(0); }
static void b_size6(void) { setsize(6); }
static void b_sizeover(void) { setsize(SRVMSIZE + 1); }
static void b_sizehuge(void) { setsize(0xFFFFFFFF); }
static void b_sizesign(void) { setsize(0x80000007); }

static void b_bare(void) { outn = 7; setsize(7); }
static void b_oneshort(void) { outn--; setsize((uint)outn); }
static void b_onelong(void) { out[outn++] = 0; setsize((uint)outn); }

static void b_full(void)
{
	memset(out + outn, 'g', SRVMSIZE - outn);
	outn = SRVMSIZE;
	setsize((uint)outn);
}

static void b_pieces(void)
{
	int i;

	for (i = 0; i < outn; i++)
		put(out + i, 1);
}

static void b_dribble(void)
{
	int i;

	for (i = 0; i < outn; i++) {
		put(out + i, 1);
		sleep(1);
	}
}

/* A message whose size is 0 right behind the answer. */
static void b_zerobehind(void)
{
	memset(out + outn, 0, 16);
	outn += 16;
	send();
}

static void b_garbage(void)
{
	memset(out + outn, 0xA5, 64);
	outn += 64;
	send();
}

/* Three strangers' answers before, one and a half after, in one write; then the other half. */
static void b_joined(void)
{
	uchar *p = malloc(6 * outn);
	int i;

	for (i = 0; i < 6; i++) {
		memmove(p + i * outn, out, outn);
		if (i != 3)
			p[i * outn + 5] ^= 0x55;
	}
	put(p, 5 * outn + 5);
	sleep(5);
	put(p + 5 * outn + 5, outn - 5);
	free(p);
}

static void seterror(char *s, int n)
{
	outn = 9 + n;
	PBIT32(out, outn);
	out[4] = Rerror;
	PBIT16(out + 7, n);
	memmove(out + 9, s, n);
}

static void error(char *s, int n)
{
	seterror(s, n);
	send();
}

static void unbook(void)
{
	if (T.type == Twalk && book(T.newfid) != nil && T.newfid != T.fid)
		book(T.newfid)->live = 0;
	if (T.type == Tattach && book(T.fid) != nil)
		book(T.fid)->live = 0;
}

static void b_error(void) { unbook(); error("server's words", 14); }
static void b_errempty(void) { unbook(); error("", 0); }
static void b_errnul(void) { unbook(); error("one\0two", 7); }
static void b_errutf(void) { unbook(); error("bad \xff\xc3\x80", 7); }

static void b_errlong(void)
{
	char s[4001];
	int i;

	unbook();
	for (i = 0; i < 4001; i++)
		s[i] = i % 2 == 0 ? '\xc3' : '\xa9';
	error(s, 4000);
}

static void b_erroverrun(void)
{
	unbook();
	seterror("short", 5);
	PBIT16(out + 7, 500);
	send();
}

static void b_errnolength(void)
{
	unbook();
	outn = 8;
	out[4] = Rerror;
	setsize(8);
}

/* An Rwalk with n qids. */
static void walkqids(int n)
{
	unbook();
	outn = 9 + 13 * n;
	PBIT32(out, outn);
	PBIT16(out + 7, n);
	memset(out + 9, 0, 13 * n);
	send();
}

static void b_morequids(void) { if (T.nwname > 0) walkqids(T.nwname + 1); else pass(); }
static void b_17qids(void) { if (T.nwname > 0) walkqids(17); else pass(); }
static void b_65535qids(void) { unbook(); outn = 9; PBIT16(out + 7, 65535); setsize(9); }
static void b_noqids(void) { if (T.nwname > 0) walkqids(0); else pass(); }
static void b_cloneqid(void) { if (T.nwname == 0) walkqids(1); else pass(); }

static void b_qidbits(void)
{
	int i;

	for (i = 0; i < R.nwqid; i++)
		R.wqid[i].type = 0xFF;
	encode();
	send();
}

static void b_notdir(void)
{
	int i;

	for (i = 0; i < R.nwqid; i++)
		R.wqid[i].type = 0;
	encode();
	send();
}

static void b_samequid(void)
{
	int i;

	for (i = 0; i < R.nwqid; i++)
		R.wqid[i] = qidof(PROOT);
	encode();
	send();
}

static void qidtype(int type) { R.qid.type = (uchar)type; encode(); send(); }
static void b_opendir(void) { qidtype(QTDIR); }
static void b_openall(void) { qidtype(0xFF); }
static void b_openauth(void) { qidtype(QTAUTH | QTMOUNT); }
static void b_openfile(void) { qidtype(0); }

static void unit(uint n) { R.iounit = n; encode(); send(); }
static void b_unithuge(void) { unit(0xFFFFFFFF); }
static void b_unitsign(void) { unit(0x80000000); }
static void b_unit1(void) { unit(1); }
static void b_unitover(void) { unit(SRVMSIZE); }

static void b_moredata(void)
{
	Book *b = book(T.fid);
	uint i;

	for (i = 0; i < 4000; i++)
		R.data[i] = (char)byteat(b->path, T.offset + i);
	R.count = 4000;
	encode();
	send();
}

static void count(uint n) { PBIT32(out + 7, n); send(); }
static void b_countover(void) { count(R.count + 1); }
static void b_counthuge(void) { count(0xFFFFFFF0); }
static void b_countless(void) { count(R.count - 1); }
static void b_shortread(void) { R.count = R.count > 7 ? 7 : R.count; encode(); send(); }
static void b_nodata(void) { R.count = 0; encode(); send(); }

static void b_wcountover(void) { R.count = T.count + 1000; encode(); send(); }
static void b_wcounthuge(void) { R.count = 0xFFFFFFFF; encode(); send(); }
static void b_wcount0(void) { R.count = 0; encode(); send(); }

/* ---- directories and stat ---- */

/* Whether T reads the directory dir; if not it is answered honestly. */
static int readsdir(void)
{
	Book *b = book(T.fid);

	if (b != nil && b->path == PDIR)
		return 1;
	pass();
	return 0;
}

static void b_halfentry(void) { if (readsdir()) { R.count -= 5; encode(); send(); } }
static void b_entrycut(void) { if (readsdir()) { R.count = 30; encode(); send(); } }
static void b_onebyte(void) { if (readsdir()) { R.count = 1; encode(); send(); } }

static void entrysize(uint n) { if (readsdir()) { PBIT16(out + 11, n); send(); } }
static void b_entry0(void) { entrysize(0); }
static void b_entrybig(void) { entrysize(0xFFFF); }
static void b_entryless(void) { entrysize(R.count - 2 - 1); }
static void b_entrymore(void) { entrysize(R.count - 2 + 1); }
static void b_namebig(void) { if (readsdir()) { PBIT16(out + 11 + 41, 0xFFFF); send(); } }
static void b_nameless(void) { if (readsdir()) { PBIT16(out + 11 + 41, 1); send(); } }
static void b_namenul(void) { if (readsdir()) { out[11 + 43] = 0; send(); } }

static void b_secondbad(void)
{
	int n = (int)R.count;

	if (!readsdir())
		return;
	memmove(R.data + n, R.data, n);
	R.data[n] = (char)(R.data[n] + 1);
	R.count = (uint)(2 * n);
	encode();
	send();
}

static void b_dirover(void)
{
	static uchar data[STALLED];
	uint n = 0;

	if (!readsdir())
		return;
	while (n <= T.count)
		n += (uint)entry(PINNER, "file", data + n, 500);
	R.data = (char *)data;
	R.count = n;
	encode();
	send();
}

/* The same entry whatever the offset. */
static void b_forever(void)
{
	static uchar data[500];

	if (!readsdir())
		return;
	R.data = (char *)data;
	R.count = (uint)entry(PINNER, "file", data, sizeof data);
	encode();
	send();
}

static void statcount(uint outer, uint inner)
{
	PBIT16(out + 7, outer);
	PBIT16(out + 9, inner);
	send();
}

static void b_statinner0(void) { statcount(R.nstat, 0); }
static void b_statinnerbig(void) { statcount(R.nstat, 0xFFFF); }
static void b_statinneroff(void) { statcount(R.nstat, R.nstat - 1); }
static void b_statouterbig(void) { statcount(R.nstat + 10, R.nstat - 2); }
static void b_statouter0(void) { statcount(0, R.nstat - 2); }
static void b_statname(void) { PBIT16(out + 9 + 41, 0x7FFF); send(); }
static void b_statnul(void) { out[9 + 43] = 0; send(); }

static void b_statempty(void)
{
	R.nstat = 0;
	encode();
	send();
}

static void b_statlong(void)
{
	static uchar stat[8000];
	static char name[7001];

	memset(name, 'n', 7000);
	R.nstat = (ushort)entry(PFILE, name, stat, sizeof stat);
	R.stat = stat;
	encode();
	send();
}

static void b_statslash(void)
{
	static uchar stat[500];

	R.nstat = (ushort)entry(PFILE, "a/../b\n", stat, sizeof stat);
	R.stat = stat;
	encode();
	send();
}

/* ---- dying and stalling ---- */

static void b_die(void) { _exits(nil); }
static void b_dieafter(void) { send(); _exits(nil); }
static void b_diemid(void) { put(out, outn / 2); _exits(nil); }
static void b_die3(void) { put(out, 3); _exits(nil); }
static void b_stall(void) { stall(); }
static void b_stallmid(void) { put(out, 5); stall(); }

/* ---- sessions ---- */

static void version(uint size, char *s) { R.msize = size; R.version = s; encode(); send(); }
static void b_vbigger(void) { version(T.msize + 1, "9P2000"); }
static void b_vhuge(void) { version(0xFFFFFFFF, "9P2000"); }
static void b_v0(void) { version(0, "9P2000"); }
static void b_v255(void) { version(255, "9P2000"); }
static void b_v256(void) { version(256, "9P2000"); }
static void b_vunknown(void) { version(8192, "unknown"); }
static void b_vempty(void) { version(8192, ""); }
static void b_vlonger(void) { version(8192, "9P2000.u"); }
static void b_vother(void) { version(8192, "9P1999"); }
static void b_vmore(void) { memset(out + outn, 7, 20); outn += 20; send(); }
static void b_vtag(void) { retag(1); }
static void b_vbig(void) { memset(out + outn, 7, 9000); outn += 9000; setsize((uint)outn); }
