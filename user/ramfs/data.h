/*
 * The content of a file: bytes that are there take memory in blocks, and
 * the rest reads as zeros.
 */
typedef struct Data Data;
struct Data {
	vlong	length;
	void	*root;		/* a block, or a node of pointers below it */
	int	height;		/* levels of nodes */
	uint	cap;		/* bytes of the block when there is no node */
	Fid	*excl;		/* who has an exclusive-use file open */
};

long	dataread(Data*, void*, long, vlong);
int	datawrite(Data*, void*, long, vlong);
void	datatrunc(Data*, vlong);
