/*
 * Environment variables: files of /env. A list's elements each end in a
 * NUL; to C programs they come as one string with blanks.
 */
#include "sys.h"

static int
envname(char *buf, int n, char *name)
{
	if(name[0] == 0 || strchr(name, '/') != nil
	|| strcmp(name, ".") == 0 || strcmp(name, "..") == 0
	|| snprint(buf, n, "/env/%s", name) != 5 + strlen(name)){
		werrstr("bad character in file name");
		return -1;
	}
	return 0;
}

char*
getenv(char *name)
{
	char file[256], *s, *t;
	long n = 0, m, i, size = 256;
	int fd;

	if(envname(file, sizeof file, name) < 0)
		return nil;
	fd = open(file, OREAD);
	if(fd < 0)
		return nil;
	s = malloc((ulong)size + 1);
	while(s != nil && (m = read(fd, s + n, size - n)) > 0){
		n += m;
		if(n == size){
			size *= 2;
			t = realloc(s, (ulong)size + 1);
			if(t == nil)
				free(s);
			s = t;
		}
	}
	close(fd);
	if(s == nil)
		return nil;
	while(n > 0 && s[n-1] == 0)
		n--;
	for(i = 0; i < n; i++)
		if(s[i] == 0)
			s[i] = ' ';
	s[n] = 0;
	return s;
}

int
putenv(char *name, char *val)
{
	char file[256];
	long n = strlen(val);
	int fd, r;

	if(envname(file, sizeof file, name) < 0)
		return -1;
	fd = create(file, OWRITE, 0666);
	if(fd < 0)
		return -1;
	r = n == 0 || write(fd, val, n) == n ? 0 : -1;
	close(fd);
	return r;
}
