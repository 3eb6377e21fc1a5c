module github.com/quayside-go/quayside/benchmarks

go 1.26.0
