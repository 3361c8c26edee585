/*
 * The fixed error texts (spec: Plan 9's, to the byte). Compare by address.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#define ERRORS(E) \
	E(Enoerror, "no error") \
	E(Emount, "inconsistent mount") \
	E(Eunmount, "not mounted") \
	E(Eismtpt, "is a mount point") \
	E(Eunion, "not in union") \
	E(Emountrpc, "mount rpc error") \
	E(Eshutdown, "device shut down") \
	E(Enocreate, "mounted directory forbids creation") \
	E(Enonexist, "file does not exist") \
	E(Eexist, "file already exists") \
	E(Ebadsharp, "unknown device in # filename") \
	E(Enotdir, "not a directory") \
	E(Eisdir, "file is a directory") \
	E(Ebadchar, "bad character in file name") \
	E(Efilename, "file name syntax") \
	E(Eperm, "permission denied") \
	E(Ebadusefd, "inappropriate use of fd") \
	E(Ebadarg, "bad arg in system call") \
	E(Einuse, "device or object already in use") \
	E(Eio, "i/o error") \
	E(Etoobig, "read or write too large") \
	E(Etoosmall, "read or write too small") \
	E(Enoport, "network port not available") \
	E(Ehungup, "i/o on hungup channel") \
	E(Ebadctl, "bad process or channel control request") \
	E(Enodev, "no free devices") \
	E(Eprocdied, "process exited") \
	E(Enochild, "no living children") \
	E(Eioload, "i/o error in demand load") \
	E(Enovmem, "virtual memory allocation failed") \
	E(Ebadfd, "fd out of range or not open") \
	E(Enofd, "no free file descriptors") \
	E(Eisstream, "seek on a stream") \
	E(Ebadexec, "exec header invalid") \
	E(Etimedout, "connection timed out") \
	E(Econrefused, "connection refused") \
	E(Econinuse, "connection in use") \
	E(Eintr, "interrupted") \
	E(Enomem, "kernel allocate failed") \
	E(Esoverlap, "segments overlap") \
	E(Emouseset, "mouse type already set") \
	E(Eshort, "i/o count too small") \
	E(Egreg, "the front fell off") \
	E(Ebadspec, "bad attach specifier") \
	E(Enoreg, "process has no saved registers") \
	E(Enoattach, "mount/attach disallowed") \
	E(Eshortstat, "stat buffer too small") \
	E(Ebadstat, "malformed stat buffer") \
	E(Enegoff, "negative i/o offset") \
	E(Ecmdargs, "wrong #args in control message") \
	E(Ebadip, "bad ip address syntax") \
	E(Edirseek, "seek in directory") \
	E(Etoolong, "name too long") \
	E(Echange, "media or partition has changed") \
	E(Eempty, "empty file name") \
	E(Eexecdir, "cannot exec directory") \
	E(Edmdir, "create without DMDIR") \
	E(Enoprocs, "no procs") \
	E(Enotposted, "note not posted") \
	E(Enotespending, "notes pending") \
	E(Enofree, "no free memory") \
	E(Enoswap, "no free swap") \
	E(Ebaddirent, "invalid directory entry received from server") \
	E(Enoversion, "version not established for mount channel") \
	E(Elent, "page is lent") \
	E(Enotowner, "not owner of page") \
	E(Emapped, "page is mapped") \
	E(Eshared, "page is shared") \
	E(Elentwrite, "page is lent for writing") \
	E(Ealreadylent, "already lent") \
	E(Enotlent, "not lent to you") \
	E(Erevoked, "revoked page")

#define E_DECLARE(name, text) extern const char name[];
ERRORS(E_DECLARE)
#undef E_DECLARE

#endif
