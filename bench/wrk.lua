-- One request again and again, as BENCH_METHOD and BENCH_BODY say; headers come by the command line.
wrk.method = os.getenv("BENCH_METHOD")
wrk.body = os.getenv("BENCH_BODY")

function done(summary, latency)
  -- A server that keeps no connection makes a read error of each answer's end.
  local failed = summary.errors.connect + summary.errors.write + summary.errors.timeout
  io.write(string.format('\nbench: %d %d %d %d %d %d %d\n', summary.requests, summary.duration,
    summary.errors.status, failed, latency.mean, latency:percentile(50), latency:percentile(99)))
end
