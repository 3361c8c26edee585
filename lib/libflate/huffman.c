/*
 * The lengths and codes of a Huffman code with a limit on lengths.
 */
#include "impl.h"

typedef struct Node Node;
struct Node {
	uint	weight;
	int	sym;			/* -1 for an inner node */
	int	parent;
};

static int
cmpnode(void *va, void *vb)
{
	Node *a = va, *b = vb;

	if(a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	return a->sym - b->sym;
}

/*
 * Joins the two lightest until one is left. Leaves are sorted, and inner nodes
 * arise in order, so the lightest is the first of either. Returns the root.
 */
static int
join(Node *node, int nleaf)
{
	int leaf = 0, inner = nleaf, next, i, k;

	for(next = nleaf; next < 2*nleaf - 1; next++){
		node[next].weight = 0;
		node[next].sym = -1;
		for(i = 0; i < 2; i++){
			if(leaf == nleaf
			|| (inner < next && node[inner].weight < node[leaf].weight))
				k = inner++;
			else
				k = leaf++;
			node[k].parent = next;
			node[next].weight += node[k].weight;
		}
	}
	return next - 1;
}

/*
 * How many codes have each length, those over max brought down to it and
 * shorter ones lengthened until all fit.
 */
static void
limit(Node *node, int nleaf, int root, int max, int *count)
{
	int depth[2*NLIT], i, over = 0, len;

	memset(count, 0, (MAXCODE+1) * sizeof count[0]);
	depth[root] = 0;
	for(i = root - 1; i >= 0; i--){
		depth[i] = depth[node[i].parent] + 1;
		if(i < nleaf)
			count[depth[i] < max ? depth[i] : max]++;
	}
	for(len = 1; len <= max; len++)
		over += count[len] << (max - len);
	for(over -= 1<<max; over > 0; over--){
		for(len = max - 1; count[len] == 0; len--)
			;
		count[len]--;
		count[len+1] += 2;
		count[max]--;
	}
}

/*
 * The lengths, at most max, of a best code for n symbols that occur freq[i]
 * times; 0 for those that do not. One symbol alone gets length 1, and so does
 * a neighbour, for a code must be complete.
 */
void
_codelens(uint *freq, int n, int max, uchar *lens)
{
	Node node[2*NLIT];
	int count[MAXCODE+1], i, len, nleaf = 0;

	memset(lens, 0, (ulong)n);
	for(i = 0; i < n; i++)
		if(freq[i] > 0)
			node[nleaf++] = (Node){ freq[i], i, 0 };
	if(nleaf < 2){
		i = nleaf == 0 ? 0 : node[0].sym;
		lens[i] = 1;
		lens[i == 0 ? 1 : 0] = 1;
		return;
	}
	qsort(node, nleaf, sizeof node[0], cmpnode);
	limit(node, nleaf, join(node, nleaf), max, count);
	i = 0;
	for(len = max; len > 0; len--)
		while(count[len]-- > 0)
			lens[node[i++].sym] = (uchar)len;
}

/* The canonical codes of those lengths, reversed, for they are sent from their top. */
void
_codes(uchar *lens, int n, ushort *codes)
{
	uint next[MAXCODE+2], count[MAXCODE+1], v, r;
	int i, len;

	memset(count, 0, sizeof count);
	for(i = 0; i < n; i++)
		count[lens[i]]++;
	count[0] = 0;
	next[1] = 0;
	for(len = 1; len <= MAXCODE; len++)
		next[len+1] = (next[len] + count[len]) << 1;
	for(i = 0; i < n; i++){
		if(lens[i] == 0)
			continue;
		v = next[lens[i]]++;
		r = 0;
		for(len = 0; len < lens[i]; len++)
			r = r<<1 | (v>>len & 1);
		codes[i] = (ushort)r;
	}
}
