/*
 * Sorting. Quicksort with a median of three and three-way partition, and
 * heapsort when it goes badly: never quadratic, and the stack stays shallow.
 */
#include "sys.h"

typedef struct Sort Sort;
struct Sort {
	int	(*cmp)(void*, void*);
	ulong	es;
};

static void
swap(Sort *s, char *a, char *b)
{
	char t;
	ulong i;
	uvlong w;

	if(s->es % 8 == 0){
		for(i = 0; i < s->es; i += 8){
			memmove(&w, a+i, 8);
			memmove(a+i, b+i, 8);
			memmove(b+i, &w, 8);
		}
		return;
	}
	for(i = 0; i < s->es; i++){
		t = a[i];
		a[i] = b[i];
		b[i] = t;
	}
}

static void
sift(Sort *s, char *a, ulong i, ulong n)
{
	ulong c;

	for(; (c = 2*i + 1) < n; i = c){
		if(c+1 < n && s->cmp(a + c*s->es, a + (c+1)*s->es) < 0)
			c++;
		if(s->cmp(a + i*s->es, a + c*s->es) >= 0)
			return;
		swap(s, a + i*s->es, a + c*s->es);
	}
}

static void
heapsort(Sort *s, char *a, ulong n)
{
	ulong i;

	for(i = n/2; i > 0; i--)
		sift(s, a, i-1, n);
	for(i = n-1; i > 0; i--){
		swap(s, a, a + i*s->es);
		sift(s, a, 0, i);
	}
}

static void
insertion(Sort *s, char *a, ulong n)
{
	char *p, *q;

	for(p = a + s->es; p < a + n*s->es; p += s->es)
		for(q = p; q > a && s->cmp(q - s->es, q) > 0; q -= s->es)
			swap(s, q, q - s->es);
}

static char*
median(Sort *s, char *a, char *b, char *c)
{
	if(s->cmp(a, b) < 0){
		if(s->cmp(b, c) < 0)
			return b;
		return s->cmp(a, c) < 0 ? c : a;
	}
	if(s->cmp(a, c) < 0)
		return a;
	return s->cmp(b, c) < 0 ? c : b;
}

static void
sort(Sort *s, char *a, ulong n, int depth)
{
	char *lt, *gt, *i, *end;
	ulong nl, ng;
	int c;

	while(n > 12){
		if(depth-- == 0){
			heapsort(s, a, n);
			return;
		}
		end = a + n*s->es;
		swap(s, a, median(s, a, a + n/2*s->es, end - s->es));
		/* [a,lt) below, [lt,i) equal to the pivot at lt, [gt,end) above */
		lt = a;
		gt = end;
		for(i = a + s->es; i < gt; ){
			c = s->cmp(i, lt);
			if(c < 0){
				swap(s, i, lt);
				lt += s->es;
				i += s->es;
			}else if(c > 0){
				gt -= s->es;
				swap(s, i, gt);
			}else
				i += s->es;
		}
		nl = (ulong)(lt - a) / s->es;
		ng = (ulong)(end - gt) / s->es;
		if(nl < ng){		/* recurse into the smaller part */
			sort(s, a, nl, depth);
			a = gt;
			n = ng;
		}else{
			sort(s, gt, ng, depth);
			n = nl;
		}
	}
	insertion(s, a, n);
}

void
qsort(void *a, long n, long es, int (*cmp)(void*, void*))
{
	Sort s = { cmp, (ulong)es };
	int depth = 8;
	long m;

	if(n < 2 || es <= 0)
		return;
	for(m = n; m > 0; m >>= 1)
		depth += 2;
	sort(&s, a, (ulong)n, depth);
}
