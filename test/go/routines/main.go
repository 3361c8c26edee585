// Routines runs fifty goroutines over channels, timers, maps and the garbage collector.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

type result struct {
	id, sum int
}

func work(id int, in <-chan int, out chan<- result, wg *sync.WaitGroup) {
	defer wg.Done()
	seen := make(map[int]string)
	sum := 0
	for n := range in {
		seen[n] = fmt.Sprint("item ", n)
		buf := make([]byte, 4096+n)
		buf[n%4096] = byte(n)
		sum += n + int(buf[n%4096]) - int(byte(n))
		if n%64 == 0 {
			select {
			case <-time.After(time.Millisecond):
			}
		}
	}
	for n, s := range seen {
		if s != fmt.Sprint("item ", n) {
			fmt.Println("map is wrong at", n)
			os.Exit(1)
		}
	}
	out <- result{id, sum}
}

func main() {
	const workers, items = 50, 5000
	in := make(chan int)
	out := make(chan result, workers)
	var wg sync.WaitGroup
	for i := 0; i < workers; i++ {
		wg.Add(1)
		go work(i, in, out, &wg)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	ticks := 0
	done := make(chan bool)
	go func() {
		for {
			select {
			case <-tick.C:
				ticks++
			case <-done:
				done <- true
				return
			}
		}
	}()
	for n := 0; n < items; n++ {
		in <- n
		if n%1000 == 0 {
			runtime.GC()
		}
	}
	close(in)
	wg.Wait()
	done <- true
	<-done
	close(out)
	total := 0
	for r := range out {
		total += r.sum
	}
	if total != items*(items-1)/2 {
		fmt.Println("sum is", total)
		os.Exit(1)
	}
	if ticks == 0 {
		fmt.Println("the ticker never ticked")
		os.Exit(1)
	}
	fmt.Println("routines: ok")
}
