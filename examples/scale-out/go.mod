module example.com/scaleout

go 1.26.0
