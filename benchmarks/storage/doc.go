// Storage compares localqueue.Open with what a disk can do and with other stores, all in one run, and
// writes each figure beside the target it should reach. `make bench-storage` runs it; by hand:
//
//	cd benchmarks && go run ./storage [-quick] [-only NAMES] [-stores KINDS] [-dir DIRECTORY]
//		[-peers] [-messages N] [-rounds N] [-markdown] [-results FILE] [-csv FILE] [-assert]
//	cd benchmarks && go run ./storage -only soak [-for 1h]
//
// It takes about twenty minutes (-quick: four), and needs 3 GB of memory and 4 GB of disk. Name a
// directory on the disk that is to be measured, if that for temporary files is not on one. Bytes written,
// processor time and a cold page cache are known on Linux only; elsewhere the output says so, and those
// columns are dashes. What else writes to the disk meanwhile is counted as a store's.
//
// The long run is 20 million messages of 1 KB, 21 GB of disk and about ten minutes:
//
//	go run ./storage -only backlog -stores quayside -messages 20000000 -rounds 3
//
// # How to read a figure
//
// The machine may be shared, so absolute figures mean little. What counts are ratios. Everything compared
// is measured in turn, in rounds, each of which begins with another store; a figure is the median over
// its rounds, and a ratio the median of the rounds' ratios (so it need not be the ratio of the two
// figures beside it). The first round warms up and is thrown away. -csv has the least and the greatest
// round of each figure.
//
// Each store is a process of its own, which is this program started again, so that its memory, its
// collector and what it writes are its own. After its turn it is left until it rests, for two seconds at
// most: processor time and bytes written include what it does then, messages a second do not.
//
// # Stores
//
//   - raw: one caller writes the bytes of a call into a file that has all its bytes already, and calls
//     fdatasync, one after the other. It is what a durable call costs at least.
//   - quayside: localqueue.Open with its defaults, which sync before every answer, called in process with
//     the SDK's structures.
//   - pebble: a batch a call, committed with Sync, with a memtable of 64 MB. pebble-group: what waits while
//     a commit is under way becomes one batch; values are separated from keys.
//   - bbolt: DB.Batch, which begins as soon as all callers are in it; the freelist is not synced.
//     bbolt-group: what waits becomes one transaction.
//   - sqlite: SQLite with a row a message, its write-ahead log synced at every commit (synchronous=FULL), prepared
//     statements, and pages of 16 KB, which make large transactions up to twice as fast; what waits becomes one
//     transaction. It is modernc.org/sqlite, which needs no C compiler; mattn/go-sqlite3, which is better known, is
//     the same C code called by cgo, and was about as fast where both were tried.
//   - memory, for HTTP alone: localqueue.New.
//
// Pebble, bbolt and SQLite are a queue in the least that takes: bodies under rising numbers, and the numbers of those
// that wait in memory. They compute no checksum, id or receipt handle, and keep no count and no deadline.
//
// # Measures (-only takes their names)
//
// Messages are 1,024 bytes of text that no compression makes smaller.
//
//   - calls: 1, 16, 64 and 256 callers put messages one by one and by tens, for a second, and then receive
//     and delete them, in as many at a time, until none is left. A message is on the disk before its put
//     returns, and so is a delete. Latencies are those of a put, and of a receive and delete together.
//     Bytes written are the disk's own count, from whomever and the file system's own included: a sync of
//     1 KB writes 4 KB. (write_bytes of /proc/self/io is of no use: it counts the pages made dirty, and
//     since Linux 6.16 a page of the cache may have 2 MB.)
//   - steady: 100,000 messages wait; 32 callers put ten, receive ten and delete ten, for 2 s a round. Disk
//     is what the files take, the most after any round, and once all messages are deleted.
//   - backlog: -messages (1,000,000) are loaded by tens, and the process is killed. All its files are read
//     from end to end and then opened again, each after they were taken out of the page cache; quayside
//     five times, killed between. Opening has to find every message. The yardstick is bandwidth against
//     bandwidth: what opening read, by its own account, and the files. Then all messages are received and
//     deleted. Resident memory is VmRSS after a collection, the room that the collector keeps for garbage
//     included.
//   - memory: how much more heap is in use with 1,000,000 messages than with none: waiting, delayed, in
//     flight (in queues of 100,000), in FIFO queues, and as deduplication ids.
//   - http: 64 connections send, receive and delete, one by one and by tens, on the durable server and on
//     one in memory. The client is this program: its processor is the servers', so the ratio is nearer to
//     1 than that of the servers alone would be.
//   - tcp: 64 callers put messages one by one, for as long as in calls: on the durable server in process and over
//     HTTP, on NATS JetStream with a stream in a file and "sync_interval: always", and, with -peers, on Redis with XADD
//     and "appendfsync always". Each of the callers has a connection and sends nothing before he has his answer. All
//     messages are removed between rounds. Clients and servers share the machine; the clients of HTTP and Redis are
//     a few lines each, that of NATS is its own. NATS is a process of its own too, which is this program started
//     again. Redis is the redis-server that is installed; if none is, apt-get downloads one, which is unpacked and
//     not installed; if that fails, it is skipped. What the targets compare is a call in process with one over TCP,
//     which is what one does with each; the table has both.
//   - soak, only by its name: as steady, for -for, while a hundred messages a second are received and
//     deleted only 30 s later, so that old messages lie scattered over the log. In the last quarter of the
//     time, the medians of disk and resident memory have to be at most 1.1 times those in the second; one
//     segment more is no growth.
//
// The exit status is 0 when all was measured, whether or not targets were met: a noisy machine misses
// some. It is 1 when a message was lost, or when the soak grew; with -assert also when a waiting message takes
// more heap than it may, if that was measured.
package main
