# SPDX-License-Identifier: MIT
# The growth curves: gnuplot -e "data='growth.dat'; out='growth.svg'" growth.gp
# The data are blocks of "tuples nanoseconds", each after a line with its name in quotes: five ways to
# look for a tuple inside the engine, in closed loop, with 64 in flight; then those who scan.
if (!exists("term")) term = "svg size 1260,720 dynamic font 'sans-serif,13' background '#ffffff'"
set terminal @term
set output out
array colors[5] = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00']
array titles[3] = ["inside the engine: inp", "50 clients in closed loop: inp, out", \
    "50 clients, 64 in flight each: inp, out"]

set logscale xy
set xrange [600:1.7e7]
set yrange [1e2:1e9]
set xtics ("1 k" 1e3, "10 k" 1e4, "100 k" 1e5, "1 M" 1e6, "10 M" 1e7)
set ytics ("100 ns" 1e2, "1 µs" 1e3, "10 µs" 1e4, "100 µs" 1e5, "1 ms" 1e6, "10 ms" 1e7, \
    "100 ms" 1e8, "1 s" 1e9)
set grid xtics ytics linecolor '#dddddd' linewidth 0.7
set border 3
set tics nomirror
set xlabel "tuples stored"
set key below left Left reverse maxcols 1 samplen 2 spacing 1.1

set multiplot layout 1,3 title "What taking a tuple costs as more are stored" font ',16'
do for [panel = 0:2] {
    set title titles[panel + 1]
    plot for [i = 0:4] data index panel * 5 + i using 1:2 with linespoints \
            linecolor rgb colors[i + 1] linewidth 2 pointtype 7 pointsize 0.5 title columnheader(1), \
        data index 15 using 1:2 with linespoints \
            linecolor rgb '#000000' linewidth 1.5 pointtype 5 pointsize 0.5 title columnheader(1), \
        data index 16 using 1:2 with linespoints \
            linecolor rgb '#888888' linewidth 1.5 pointtype 5 pointsize 0.5 title columnheader(1)
}
unset multiplot
