"""The result for people."""


def machine_lines(machine):
    yield (f"{machine['cpus']} CPUs ({machine['model']}), {machine['memory_gib']:.1f} GiB, "
           f"{machine['file_system']}, commit {machine['commit']}")


def limit_lines(limits):
    fsync = limits["fsync"]
    yield (f"limits  fdatasync of 8 KiB: {fsync['rate']:,.0f} a second, "
           f"p50 {fsync['p50_ms']:.3f} ms, p99 {fsync['p99_ms']:.3f} ms")
    for echo in limits["echo"]:
        yield (f"        MLLP without an engine, {echo['connections']:>2} connections: "
               f"{echo['rate']:,.0f} messages a second, p50 {echo['p50_ms']:.3f} ms")
    for bare in limits["bare_rows"]:
        yield (f"        the same rows written bare, {bare['batch']:>3} messages a commit: "
               f"{bare['rate']:,.0f} messages a second, {bare['commit_ms']:.3f} ms a commit")


COLUMNS = (
    ("order", "order", "s"), ("conn", "connections", "d"), ("messages", "received", ",d"),
    ("msg/s", "rate", ",.0f"), ("p50 ms", "p50_ms", ".3f"), ("p99 ms", "p99_ms", ".3f"),
    ("p99.9 ms", "p999_ms", ".3f"), ("engine µs", "engine_cpu_us", ".1f"),
    ("postgres µs", "postgres_cpu_us", ".1f"), ("load µs", "load_cpu_us", ".1f"),
    ("WAL B", "wal_bytes", ",.0f"), ("engine MiB", "engine_mib", ".0f"),
    ("PG MiB", "postgres_mib", ".0f"), ("late", "late", "d"), ("twice", "duplicates", "d"),
    ("missing", "missing", "d"),
)


def row_heading():
    return "  ".join(f"{title:>{max(len(title), 8)}}" for title, _, _ in COLUMNS)


def row_line(row):
    return "  ".join(f"{format(row[key], spec):>{max(len(title), 8)}}"
                     for title, key, spec in COLUMNS)


def closing_lines(result):
    rows = result["rows_per_message"]
    yield ("rows a message: "
           + ", ".join(f"{name} {count:.3f}" for name, count in rows.items() if count >= 0.0005)
           + f"; {sum(rows.values()):.2f} in all; "
             f"{result['disk_bytes_per_message']:,.0f} bytes on disk")
    totals = result["totals"]
    yield (f"after a restart ({result['restart_seconds']:.1f} s until ready): "
           f"sent {totals['sent']:,}, stored {totals['stored']:,}, received {totals['received']:,}: "
           + ("equal" if totals["equal"] else "NOT EQUAL"))
    samples = result["samples"]
    yield (f"{samples['compared']} messages found by MRN and compared byte by byte: "
           f"{len(samples['wrong'])} wrong")


def restart_lines(result):
    yield (f"over {result['stored']:,} messages stored and {result['queued']:,} queued for a dead "
           f"destination; started in {result['clean_start_s']:.1f} s after a clean stop")
    for each in result["kills"]:
        yield (f"kill -9 of {each['killed']} ({each['wal_bytes_to_replay'] / 2**20:.0f} MiB of WAL "
               f"since the checkpoint): a message acknowledged after "
               f"{each['acknowledged_s']:.2f} s; peak memory of the engine "
               f"{each['engine_peak_mib']:.0f} MiB; ACKs p50 {each['p50_ms']:.1f} ms, "
               f"p99 {each['p99_ms']:.1f}, max {each['max_ms']:.0f}; {each['accepted']:,} accepted, "
               f"{each['not_received']:,} of them not delivered")
    yield (f"causeway queue show {result['queue_show_s']:.2f} s, "
           f"messages find --term {result['find_term_s']:.2f} s")
