// Package journal is a log on disk: records are appended, read by their position,
// and found again in their order after a crash. One log serves many writers, whose
// records share the syncs that make them safe.
//
// It knows nothing of what records say. Which segments are dead, which records stand
// in for others, and what a record means are for whoever appends them.
//
// # Files
//
// A log is a directory of segments, files of one size that are written from their
// beginning to their end, one after the other. Numbers are in hexadecimal and rise.
//
//	0000002a.log  a segment: full, written to, or ready to be written to next
//	00000017.old  was dropped, and may become the next segment
//	0000002d.new  is being made; worth nothing after a crash
//	manifest.0    which segments there are; and manifest.1, its other copy. The newer
//	              one counts, the older one is overwritten next
//	lock          the process id of whoever has the directory, which is itself what is
//	              locked; on Windows this file is
//
// All of them are reached through the directory that was locked, and not by its name, which
// another one may get.
//
// A segment is made before it is needed: zeros from end to end, or a dropped one
// as it is; then its header, then its name, then its entry in the manifest, each on the
// disk before the next. Writing to it needs no room and changes nothing but its bytes, so
// a sync is as cheap as the disk can make it, and a full disk is met before anything is
// promised. The room is allocated before it is written, if the file system can do that.
// Where segments are used up at more than 32 MiB/s, or faster than they are made, that is
// all: it reads as zeros all the same. Its syncs cost a little more, but nothing is
// written twice.
//
// A dropped one goes the other way: first the manifest lists it as leaving instead, then it
// loses its name, and when the disk has that it may be written again, and the next
// manifest says no more of it. So there are never more segments in the manifest than files.
// A file that is not one of them is new and empty, if it is newer than the manifest by its
// number; was dropped, if it is leaving; and was put there by somebody otherwise. The
// manifest is overwritten in place, and takes whole 512 bytes: it needs room only where
// numbers are added, so that a full disk keeps nothing from being dropped.
//
// # Layout
//
// All numbers have their lowest byte first. CRC is CRC-32C. A segment:
//
//	 0  magic "quayside"             8 bytes
//	 8  version, 1                   1, then 3 of zero
//	12  number of the segment        4
//	16  size of the segment          8
//	24  salt, drawn at random        4
//	28  id of the log, drawn at random when it was made   8
//	36  CRC of the 36 bytes before   4
//	40  groups, one behind the other; after the last, anything, up to
//	    the footer, if there is one: its end is that of the file
//
// A group is records and its end. A record:
//
//	 0  CRC of the 16 bytes behind, which begins with the salt in place of 0    4
//	 4  number of the segment                                                   4
//	 8  kind: 1 record, 2 end of a group, 3 end of a group and of the segment   1
//	 9  length of the body                                                      3
//	12  length of the head, what recovery needs of the body; of an end, 0       4
//	16  CRC of the body                                                         4
//	20  body
//
// The body of an end:
//
//	 0  sequence number of the group; it rises by one with each, through all segments   8
//	 8  sequence number up to which the disk had all groups before this was written     8
//	16  offset of the group's first record in the segment                               4
//	20  number of its records                                                           4
//	24  CRC of their headers, one behind the other                                      4
//
// A footer tells of all records of a sealed segment, in their order, what recovery
// needs to know. It is left out where it would take more than a fifth of the segment,
// or the last record left no room. An entry of three uvarints, and the trailer:
//
//	bytes between the end of the record before, or the segment's header, and this one
//	length of the body
//	length of the head
//	head
//
//	 0  length of the entries                                          4
//	 4  number of the entries                                          4
//	 8  sequence number of the segment's first group                   8
//	16  that of its last                                               8
//	24  the last group's second number                                 8
//	32  offset of the end of the last group                            4
//	36  CRC of the entries                                             4
//	40  number of the segment                                          4
//	44  CRC of the 44 bytes before, which begins with the salt         4
//
// A manifest:
//
//	 0  magic "quaylist"                                                8
//	 8  version, 1                                                      1
//	 9  1: the log was closed, and all that was appended is on the
//	    disk; 0 otherwise                                               1, then 2 of zero
//	12  length of all this, the CRC included                            4
//	16  generation: it rises by one with each                           8
//	24  id of the log                                                   8
//	32  sequence number of the last group that was known to be on the
//	    disk when this was written                                      8
//	40  number from which on segments are newer than this               4
//	44  number of the first bits                                        4
//	48  a bit for each number from that one on, the lowest of each byte
//	    first: 1, there is such a segment                               n
//	    the same: 1, it is leaving: it was dropped, and may still be
//	    there under its name                                            n
//	    CRC of all bytes before                                         4
//
// Number and salt tell a record from what was in the file before, and from what
// somebody put into a body; the last CRC tells a group from a mixture of itself with
// an earlier attempt at it that a crash cut off. Nothing is aligned.
//
// A change of the layout raises the version. A program reads the versions it knows,
// segment by segment, and refuses others by name; a segment keeps its version until
// it is dropped, and new ones are made in the newest. The first 12 bytes and the CRC
// at 36 stay where they are, of a manifest the first 16 bytes and the CRC at the end. A
// kind may be added with a new version only.
//
// # The life of a group
//
//	Append ─▶ open ─────────▶ taken ─────▶ written ─────▶ synced
//	          takes records   has its end  Written is     Synced is
//	                                       answered       answered
//
// Append puts a record into the open group and says where it will stand. A committer
// takes the group as soon as no sync is in flight, gives it its end, writes it by one
// write, syncs it if somebody waits for that, and answers. What is appended meanwhile is
// the next group; there is no delay and nothing to tune.
//
// A group in which somebody waits for no more than Written does not wait for a sync in
// flight: the other committer writes it at once, and it shares the next sync. A sync
// counts for what was written before it began, though it may bring more to the disk.
// Groups are written in their order, and so are they synced.
//
// A record that does not fit its segment, with the footer that would tell of it, ends the
// group and the segment; groups never span segments. The footer is written with the
// group that seals the segment, and synced with it, soon: but under Never, that group is
// synced as if somebody waited for it.
//
// # Room
//
// Three segments stand ready beyond the one in use: one to be written next, and two that
// are kept back for what makes room. Append never waits for one and never fails for want
// of one: Admit did, before any lock was taken. It promises bytes as long as all that is
// promised fits what is left of the segment in use and those that stand ready, or waits
// for the filler to make more, as many as it takes. A Purpose is kept from as much of it
// as is meant for the next:
//
//	Ordinary   two segments          sends
//	Urgent     one and a half        receives
//	Freeing    one                   deletes
//	Clearing   nothing               the last that stands in a segment, which is then dropped
//
// Clearing gives back more than it takes, so it never ends with less room than it began
// with, and the others have theirs again. For a segment to be dropped that is still
// written to, Seal goes on with the next.
//
// The count is on the safe side. A record is charged its bytes, the end of a group of
// its own, and all that once more: if it does not fit its segment, it leaves there less
// than its own length unused. A segment counts without the fifth that its footer may
// take and without two ends. Bytes count as promised until the Room is released, and
// as used as soon as they are appended, so that neither check nor release needs the
// log's lock. What was not admitted, of mode Reserve, is taken if it leaves enough for
// all that is promised.
//
// # Goroutines
//
// Open starts three, Log.Close ends them and waits:
//
//	committer  two of them: one at a time writes groups, and nobody else writes to
//	           segments in use; one at a time syncs what is written. Who has written what
//	           somebody waits for syncs it, too, and leaves the writing to the other
//	filler     makes segments and puts dropped ones away; the only one to change names,
//	           and to write the manifest
//
// While it recovers, Open has two more, which read this segment and then the next one.
//
// # What is promised
//
// A crash of the process loses nothing that was answered, under any policy. A power
// failure:
//
//	           Synced, or awaited         Written
//	Always     keeps what was answered    may lose the last 100 ms
//	Interval   may lose the last interval, under either mode
//	Never      may lose anything since the last Sync, Drop or Close
//
// and, where that is a time, what was written while a sync was in flight that began by
// then.
//
// Await answers for a record whoever appended it, so that nothing leaves before it is
// safe. What Drop has returned for is gone for good.
//
// Whatever is lost is lost from the end: what is found again is all of the log up to
// some point, group by group, in its order. That takes for granted that a disk which
// writes a part of a file again leaves the bytes it does not change as they are, also
// if power fails meanwhile.
//
// A failed write or sync ends the log: every later call returns that error, nothing
// is tried again, and what was not answered may or may not be found by the next Open.
// Open writes again what it cannot be sure of, since after a failed sync the system
// may show bytes that the disk does not have: what came after the last sync that a
// later group tells of. Under Never it only syncs it.
//
// A full disk does not end it. There is room for what has a position, so only making
// a segment can fail: Admit then refuses with ErrFull what the segments that are there
// have no room for, each Purpose at its time. It is tried again after
// 250 ms, then ever more rarely, in the end every 2 s, and at once when a segment is
// dropped; where room can be allocated, a try in vain writes nothing. A system without open
// files or memory to spare is met in the same way, as long as it is about a segment that
// is not yet written to; Admit then says which. On a file system that
// needs new room to overwrite (copy on write, thin volumes) the write itself may fail:
// those who wait for it are told ErrFull, Admit refuses everything, and the same bytes are
// written to the same place again every 250 ms, so that it makes no difference how many
// of them a try left there. The log on disk then ends in a torn group, which recovery
// would cut off. Either way the log goes on by itself when there is room. A sync that
// fails for lack of room ends the log like any other.
//
// # Recovery
//
// Open reads the manifest, which says which segments there must be. One that is missing,
// is shorter than its header says, or has another log's id, is damage; so is a log that
// ends before the group that the manifest says was on the disk, and two manifests that
// do not follow on each other. If one of them is torn, the other counts, which says what
// was before: since nothing was done yet that hangs on the torn one. Segments that got
// their names after the manifest was written have no groups, or it is damage, and become
// part of the log; those that are leaving and still there are removed. One that is neither
// in the manifest nor leaving was put there by somebody, who may want to keep it: that is
// damage, too. The newer manifest is written once more before anything is done that hangs
// on it, for it may be one whose sync failed; unless the older one says the same of
// segments.
//
// Close says in the manifest that it did, if all that was appended is on the disk, and Open
// takes that back before anything can be appended. So Clean is true only if nothing was
// lost that was ever there: the end of the log cannot tell, since what stood behind it may
// be gone without a trace. If one of the two manifests is not sound, the other may be of an
// earlier time, and Clean is false.
//
// No manifest and no segments, or an empty manifest.0 alone, is a new log. Segments without
// a manifest are damage. Whoever wants to go on with what is there, after copying it,
// removes both manifests and makes an empty manifest.0: Open then takes all segments of
// one log that there are, in order, and their holes for those of dropped ones.
//
// Open then reads all segments in order and replays group after group. A group counts if
// everything in it is what was written and it follows on the one before. At the first
// that does not, Open looks through the rest of that segment and all later ones for
// ends of groups: if one says that the disk had the missing group before, that is
// damage, and Open refuses and changes nothing (*DamageError). Otherwise a crash left
// it unfinished: the log ends there, which is reported (Cut), and the ends found
// beyond are overwritten, so that they never count again.
//
// A segment is replayed from its footer, and not read otherwise, if a later group says
// that the disk had the segment's last group before: the footer was synced with it. Any
// other footer, one that a crash left alone, or damaged, or of the last sealed segment
// when nothing was synced since, is not looked at, and the segment is read whole. Where
// the log ends, the trailer of a sealing that was given up is overwritten, so that it
// never stands for what is written there next. Damage to records of a segment that was
// not read shows when they are read, or to Inspect, which can be told to read all.
//
// Whoever opens the log may find, when all is replayed, that it is not whole
// (Options.Replayed): nothing was changed until then.
//
// Damage to the very last group cannot be told from a crash, and is cut off, but where the
// manifest says that the disk had it: after Close, which leaves an empty group at the end
// and writes the manifest. What nobody can tell is a whole directory put back as it was
// once, manifest and all, over one that has the same segments and no more.
//
// # Invariants
//
//   - Sequence numbers of groups rise by one, except across dropped segments.
//   - Every segment with a group in it but the last such one ends in a group of kind 3.
//   - Nothing is written to a segment before its header, its name and its entry in the
//     manifest are on the disk, nor to a file that was a segment before its going is.
//   - A segment that the newest manifest on the disk lists has its file there, and so it is
//     for the one before, until the newest is on the disk.
//   - Of the two manifests, one at most is not what was written, and that one is older or
//     was never known to be on the disk; nothing was done that needs it.
//   - A segment's file that is not newer than the newest manifest on the disk is listed
//     there, or leaving.
//   - While a log is open, its newest manifest does not say that it was closed.
//   - The group that a manifest says was on the disk is there, in a segment that it lists.
//   - A synced group has only synced ones before it.
//   - The group behind a dropped segment is synced before the segment goes.
//   - Behind the last group, no end of a group of the same segment counts, and a footer
//     only if that group sealed the segment.
//   - A sound footer tells of exactly the records of the groups before it.
//   - A segment that stands ready has room for the longest record that may be appended.
//   - What the log has room for is never less than what was promised and not appended.
package journal
