/*
 * exportfs carries out 9P requests in its own name space. One process reads
 * them; each is a Job that some worker, a process that shares memory, does
 * with plain system calls, so that one that blocks holds up no other.
 *
 *	main.c	options, the loop, sessions, flushes
 *	job.c	jobs, workers, answers
 *	fid.c	fids and their names
 *	ops.c	what each request does
 *	qid.c	qids, made unique over all devices; the pattern file
 */
#ifndef EXPORTFS_H
#define EXPORTFS_H

#include <u.h>
#include <libc.h>
#include <fcall.h>

typedef struct Fid Fid;
typedef struct Job Job;
typedef struct Worker Worker;

enum {
	MSIZE = 32*1024 + IOHDRSZ,	/* offered if -m says nothing else */
	MAXMSIZE = 1024*1024,
};

/* Fields without a letter belong to the fid's only job, or never change. [f] fid.c's lock. */
struct Fid {
	uint	num;
	int	ref;			/* [f] the table's, and one a job */
	char	*path;			/* [f] a name in our name space */
	Qid	qid;			/* [f] */
	int	fd;			/* [f] -1 until open */
	QLock	dirlock;		/* one reader of a directory at a time */
	vlong	diroff;			/* where the client is in it; guarded by dirlock */
	Fid	*next;			/* [f] hash chain */
};

/* [j] job.c's lock. */
struct Job {
	Fcall	in;
	Fcall	out;
	uchar	*buf;			/* the message that in points into */
	uchar	*data;			/* of the answer; freed with the job */
	char	err[ERRMAX];
	Worker	*worker;		/* [j] who does it, nil while it waits */
	int	flushed;		/* [j] nobody needs the result */
	int	aborted;		/* [j] a new session began: no answer at all */
	ushort	*flush;			/* [j] tags of the flushes that wait for it */
	int	nflush;			/* [j] */
	Job	*next;			/* [j] hash chain, by tag */
	Job	*qnext;			/* [j] queue */
};

struct Worker {
	int	pid;
	int	ctl;			/* its control file */
	Job	*job;			/* [j] */
	int	interrupted;		/* [j] since the job began */
};

extern int	debug, readonly;
extern uint	messize;
extern char	*root;

/* job.c */
void	jobstart(Job*);
void	jobflush(ushort tag, ushort oldtag);
void	jobsabort(void);
void	jobfree(Job*);
int	jobdrop(Job*);
void	answer(Fcall*);

/* fid.c */
Fid	*fidnew(Job*, uint num, char *path, Qid);
Fid	*fidget(uint num);
void	fidput(Fid*);
Fid	*fidtake(uint num);
void	fidsclear(void);
char	*fidpath(Fid*);
int	fidfd(Fid*);
void	fidmove(Fid*, char *path, Qid);
int	fidopen(Fid*, char *path, Qid, int fd);
void	fidrename(char *from, char *to);
char	*join(char *dir, char *name);
int	isroot(char *path);

/* ops.c */
char	*perform(Job*);

/* qid.c */
Qid	uniqueqid(Dir*);
void	readpatterns(char *file);
int	exported(char *path);
int	havepatterns(void);

void	*emalloc(ulong);
void	*erealloc(void*, ulong);
char	*estrdup(char*);

#endif
