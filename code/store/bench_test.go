//go:build linux

package store

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

// node returns one of many nodes, of the size that they have.
func node(n int) *object.Node {
	name := fmt.Sprintf("node-%05d", n)
	return &object.Node{Meta: object.Meta{Name: name, Labels: map[string]string{"kubernetes.io/hostname": name,
		"kubernetes.io/os": "linux", "zone": strconv.Itoa(n % 3)}},
		Status: object.NodeStatus{Addresses: []object.NodeAddress{{Type: "InternalIP", Address: "10.0.0.1"}},
			Conditions: []object.Condition{{Type: "Ready", Status: "True", LastHeartbeatTime: object.NewTime(today),
				LastTransitionTime: object.NewTime(today), Reason: "AgentReady",
				Message: "agent is posting ready status"}},
			NodeInfo: object.NodeInfo{KernelVersion: "6.1.0", OSImage: "Debian GNU/Linux 12", Architecture: "amd64",
				OperatingSystem: "linux", KubeletVersion: "v0.1.0", ContainerRuntimeVersion: "sheep://0.1.0"}}}
}

// BenchmarkWrites changes objects by so many writers at once, in a file that has so many: in the store; and in bbolt
// alone, where as many goroutines put the same JSON under the same keys, gathered in transactions in the same way.
func BenchmarkWrites(b *testing.B) {
	for _, objects := range []int{500, 5000} {
		for _, writers := range []int{1, 10, 100} {
			name := fmt.Sprintf("objects=%d/writers=%d", objects, writers)
			b.Run("store/"+name, func(b *testing.B) { benchStore(b, objects, writers) })
			b.Run("bbolt/"+name, func(b *testing.B) { benchBolt(b, objects, writers) })
		}
	}
}

// fill makes the objects, by many writers so that it is soon done.
func fill(b *testing.B, s *Store, objects int) {
	b.Helper()
	var all sync.WaitGroup
	var failed atomic.Value
	for first := range 100 {
		all.Go(func() {
			for n := first; n < objects; n += 100 {
				if _, err := s.Create(background, node(n)); err != nil {
					failed.Store(err)
				}
			}
		})
	}
	all.Wait()
	if err, is := failed.Load().(error); is {
		b.Fatal(err)
	}
}

func benchStore(b *testing.B, objects, writers int) {
	s := opened(b, b.TempDir(), Options{})
	fill(b, s, objects)
	var turn atomic.Int64
	var failed atomic.Value
	before := transaction(b, s)
	b.ResetTimer()
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for n := turn.Add(1); n <= int64(b.N); n = turn.Add(1) {
				obj := node(int(n) % objects)
				obj.Status.Phase = strconv.FormatInt(n, 10)
				if _, err := s.Update(background, obj); err != nil {
					failed.Store(err)
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	if err, is := failed.Load().(error); is {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	b.ReportMetric(float64(b.N)/float64(transaction(b, s)-before), "writes/commit")
}

func benchBolt(b *testing.B, objects, writers int) {
	s := opened(b, b.TempDir(), Options{})
	fill(b, s, objects)
	data := make([][]byte, objects)
	testkit.Must(b, s.view(func(tx *bolt.Tx) error {
		for n := range data {
			data[n] = append([]byte(nil), tx.Bucket(bucketName(object.Nodes)).Get([]byte(node(n).Name))...)
		}
		return nil
	}))
	bolts := &boltQueue{wake: make(chan struct{}, 1)}
	go bolts.commitAll(b, s.db)
	defer close(bolts.wake)
	var turn atomic.Int64
	before := transaction(b, s)
	b.ResetTimer()
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for n := turn.Add(1); n <= int64(b.N); n = turn.Add(1) {
				bolts.put(fmt.Sprintf("node-%05d", int(n)%objects), data[int(n)%objects])
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	b.ReportMetric(float64(b.N)/float64(transaction(b, s)-before), "writes/commit")
}

// boltQueue is the least that gathers writers for bbolt as the store does.
type boltQueue struct {
	mu      sync.Mutex
	waiting []boltPut
	wake    chan struct{}
}

type boltPut struct {
	key  string
	data []byte
	done chan struct{}
}

func (q *boltQueue) put(key string, data []byte) {
	p := boltPut{key, data, make(chan struct{})}
	q.mu.Lock()
	q.waiting = append(q.waiting, p)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
	<-p.done
}

func (q *boltQueue) commitAll(b *testing.B, db *bolt.DB) {
	for range q.wake {
		q.mu.Lock()
		batch := q.waiting
		q.waiting = nil
		q.mu.Unlock()
		err := db.Update(func(tx *bolt.Tx) error {
			for _, p := range batch {
				if err := tx.Bucket(bucketName(object.Nodes)).Put([]byte(p.key), p.data); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Error(err)
		}
		for _, p := range batch {
			close(p.done)
		}
	}
}

// BenchmarkFanOut has one writer and so many watches, and measures until all have been told.
func BenchmarkFanOut(b *testing.B) {
	for _, watches := range []int{1, 100, 1000} {
		b.Run(strconv.Itoa(watches), func(b *testing.B) {
			s := opened(b, b.TempDir(), Options{Changes: 1 << 20})
			var all sync.WaitGroup
			var failed atomic.Value
			for range watches {
				w := watching(b, s, object.Nodes, WatchOptions{})
				all.Go(func() {
					for range b.N {
						if _, err := w.Next(background); err != nil {
							failed.Store(err)
							return
						}
					}
				})
			}
			b.ResetTimer()
			for n := range b.N {
				create(b, s, node(n))
			}
			all.Wait()
			b.StopTimer()
			if err, is := failed.Load().(error); is {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)*float64(watches)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s := opened(b, dir, Options{})
	fill(b, s, 5000)
	testkit.Must(b, s.Close())
	for b.Loop() {
		again, err := Open(dir, Options{})
		testkit.Must(b, err)
		testkit.Must(b, again.Close())
	}
}

func BenchmarkList5000(b *testing.B) {
	s := opened(b, b.TempDir(), Options{})
	fill(b, s, 5000)
	for b.Loop() {
		if list, err := s.List(background, object.Nodes, ListOptions{}); err != nil || len(list.Objects) != 5000 {
			b.Fatal(err)
		}
	}
}
