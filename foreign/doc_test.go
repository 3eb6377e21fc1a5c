// Package foreign_test drives `quayside serve` from outside, with the SQS clients that people use in
// other languages and with the Go SDK. All run the scenario that README.md describes.
//
// The Go client needs nothing but Go. The others are installed by .ci/foreign, below .cache/foreign;
// one that is not installed there is skipped, unless QUAYSIDE_FOREIGN=required. With
// QUAYSIDE_FOREIGN_ENDPOINT=URL the clients talk to the server there instead of one of their own.
package foreign_test
