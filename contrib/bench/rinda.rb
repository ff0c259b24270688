# SPDX-License-Identifier: MIT
# What taking a tuple by its third field, and putting it back, costs with Rinda, the tuple space of
# Ruby's standard library, over a Unix socket: rinda.rb FOLDER MILLISECONDS SIZE...
# Prints a line a size: rinda third SIZE PAIRS NANOSECONDS 0
require 'drb/drb'
require 'drb/unix'
require 'rinda/tuplespace'

def tuple(i, side)
  [format('key-%08x', i), i / side, format('a-third-field-%08x', i), i % side, i] + [0] * (i % 3)
end

def pattern(i)
  [nil, nil, format('a-third-field-%08x', i), nil, nil] + [nil] * (i % 3)
end

# A process with a space of so many tuples; returns its number and where it is spoken to.
def serve(path, size, side)
  reader, writer = IO.pipe
  child = fork do
    reader.close
    space = Rinda::TupleSpace.new(86_400)
    size.times { |i| space.write(tuple(i, side)) }
    DRb.start_service("drbunix:#{path}", space)
    writer.puts DRb.uri
    writer.close
    DRb.thread.join
  end
  writer.close
  uri = reader.gets or abort 'rinda: the server did not start'
  [child, uri.chomp]
end

def pairs(space, size, side, seconds, random)
  count = 0
  begun = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  loop do
    i = random.rand(size)
    took = space.take(pattern(i))
    abort "rinda: it gave another tuple than #{i}" unless took == tuple(i, side)
    space.write(took)
    count += 1
    spent = Process.clock_gettime(Process::CLOCK_MONOTONIC) - begun
    return count, spent if spent >= seconds && count >= 4
  end
end

folder, milliseconds, *sizes = ARGV
$stdout.sync = true
sizes.map(&:to_i).each do |size|
  side = Math.sqrt(size).ceil
  child, uri = serve(File.join(folder, "rinda-#{size}"), size, side)
  begin
    DRb.start_service("drbunix:#{File.join(folder, "rinda-client-#{size}")}")
    count, spent = pairs(DRbObject.new_with_uri(uri), size, side, milliseconds.to_i / 1000.0,
                         Random.new(1))
    puts "rinda third #{size} #{count} #{(spent * 1e9).to_i} 0"
    DRb.stop_service
  ensure
    Process.kill('KILL', child)
    Process.wait(child)
  end
end
