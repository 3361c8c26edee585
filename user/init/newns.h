/*
 * Name spaces from description files such as /lib/namespace.
 *
 * newns leaves the process with a name space of its own that the file describes, a
 * copy of its environment, and $user and $home set; addns runs a file in the name
 * space there is. Lines that can't be carried out are passed over. Both return -1,
 * with the error string set and the name space as it was, if the file can't be read.
 */
int	newns(char *user, char *file);
int	addns(char *file);
int	setvar(char *name, char *value, long n);
