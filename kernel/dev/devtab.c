/*
 * The table of devices, in the order in which they are reset and initialised
 * and in which #c/drivers lists them.
 */
#include "dev/devices.h"

const Dev *const devtab[] = {
	&devroot,
	&devcons,
	&devenv,
	&devpipe,
	&devproc,
	&devmnt,
	&devsrv,
	&devshr,
	&devdup,
	&devuart,
	&devrtc,
	&devarch,
	&devswap,
	&devcap,
	&devsegment,
	&devexchange,
	nil,
};
