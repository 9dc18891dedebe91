module github.com/sheep-and-shepherd/sheep-and-shepherd/code

go 1.26
