// Command mapped opens a file and maps it into its memory. It waits for a
// line of input, and then prints what it finds by both ways.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"syscall"
)

func main() {
	file, err := os.Open(os.Args[1])
	check(err)
	info, err := file.Stat()
	check(err)
	memory, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()),
		syscall.PROT_READ, syscall.MAP_SHARED)
	check(err)
	fmt.Println("ready")
	bufio.NewReader(os.Stdin).ReadString('\n')
	content, err := io.ReadAll(file)
	check(err)
	fmt.Printf("read:\n%smapped:\n%s", content, memory)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "mapped:", err)
		os.Exit(1)
	}
}
