/*
 * Encryption on a connection, by the device that does the record protocol
 * of TLS once both sides have agreed on a secret.
 */
#include "sys.h"
#include "net.h"

/*
 * Returns a descriptor for the plain text of what goes through fd, under
 * the algorithms of the device's files hashalgs and encalgs, with a secret
 * in base 64. dir, of NETPATHLEN bytes, gets the conversation's directory
 * unless it is nil.
 */
int
pushtls(int fd, char *hash, char *enc, int isclient, char *secret, char *dir)
{
	char conv[NETPATHLEN], name[NETPATHLEN + 8];
	int ctl, data = -1;

	ctl = _netctl("/net/tls/clone", 8, conv);
	if(ctl < 0)
		ctl = _netctl("#a/tls/clone", 6, conv);
	if(ctl < 0)
		return -1;
	snprint(name, sizeof name, "%s/data", conv);
	if(fprint(ctl, "fd %d 0x301", fd) >= 0
	&& fprint(ctl, "secret %s %s %d %s", hash, enc, isclient != 0, secret) >= 0
	&& fprint(ctl, "changecipher") >= 0 && fprint(ctl, "opened") >= 0)
		data = open(name, ORDWR);
	close(ctl);
	if(data >= 0 && dir != nil)
		strcpy(dir, conv);
	return data;
}
