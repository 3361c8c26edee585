/*
 * What bind, mount, srv and name space files have in common: the letters that say
 * how something is put into the name space.
 */

/* mountflag returns the bit that a letter stands for; 0 if there is none. */
static inline int
mountflag(int letter)
{
	switch (letter) {
	case 'a':
		return MAFTER;
	case 'b':
		return MBEFORE;
	case 'c':
		return MCREATE;
	case 'C':
		return MCACHE;
	}
	return 0;
}

/* becomenone makes the process the user none's; -1 if that can't be. */
static inline int
becomenone(void)
{
	int fd, r;

	fd = open("#c/user", OWRITE);
	if (fd < 0)
		return -1;
	r = write(fd, "none", 4) == 4 ? 0 : -1;
	close(fd);
	return r;
}
