/*
 * A check counts, and prints itself when it fails. finish() prints the
 * total and exits.
 */
static int npassed, nfailed;

#define CHECK(cond)	check((cond) != 0, __FILE__, __LINE__, #cond)
#define SAME(got, want)	same((got), (want), __FILE__, __LINE__)

static inline void
check(int ok, char *file, int line, char *what)
{
	if(ok){
		npassed++;
		return;
	}
	nfailed++;
	print("%s:%d: %s\n", file, line, what);
}

static inline void
same(char *got, char *want, char *file, int line)
{
	if(got != nil && strcmp(got, want) == 0){
		npassed++;
		return;
	}
	nfailed++;
	print("%s:%d: got `%s', want `%s'\n", file, line, got, want);
}

static inline void
finish(void)
{
	print("%d passed, %d failed\n", npassed, nfailed);
	exits(nfailed > 0 ? "failed" : nil);
}
