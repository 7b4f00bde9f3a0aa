# ends: ok
for name in ('sys/kernel/core_pattern', 'sys/vm/overcommit_memory', 'sys/kernel/ns_last_pid', 'sysrq-trigger', 'irq/default_smp_affinity'):
    attempt(name, lambda: write('/proc/' + name, b'1'))
