/*
 * A line for a log file, if that exists, and the console if asked.
 */
#include "sys.h"

void
syslog(int cons, char *name, char *fmt, ...)
{
	char file[128], buf[1024], *p, *e = buf + sizeof buf - 1, *date;
	va_list args;
	int fd;

	date = ctime(time(nil));
	p = seprint(buf, e, "%s %.15s ", sysname() != nil ? sysname() : "lux9", date + 4);
	va_start(args, fmt);
	p = vseprint(p, e, fmt, args);
	va_end(args);
	*p++ = '\n';
	if(name != nil){
		snprint(file, sizeof file, "/sys/log/%s", name);
		fd = open(file, OWRITE|OCEXEC);
		if(fd >= 0){
			seek(fd, 0, 2);
			write(fd, buf, p - buf);
			close(fd);
		}
	}
	if(cons){
		fd = open("/dev/cons", OWRITE|OCEXEC);
		if(fd >= 0){
			write(fd, buf, p - buf);
			close(fd);
		}
	}
}
