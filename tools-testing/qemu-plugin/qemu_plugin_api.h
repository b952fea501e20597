/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of QEMU's TCG plugin interface that ptcount.c calls, of version 1
 * (QEMU 7.2) and of those since 2 (QEMU 9.0).
 *
 * Debian packages QEMU without the header that declares this interface, so
 * the few functions in use are declared here. They are exported by the QEMU
 * executable and resolved when it loads the plugin; those that not each
 * version has are weak, and tell which one it is.
 */
#ifndef QEMU_PLUGIN_API_H
#define QEMU_PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT		__attribute__((visibility("default")))
#define PLUGIN_WEAK		__attribute__((weak))

/* handle QEMU gives to a loaded plugin */
typedef uint64_t plugin_id_t;

/* both live only as long as the translation callback they are given to */
struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* since 2: memory of the same size for each vCPU, and a counter in it */
struct qemu_plugin_scoreboard;
struct plugin_u64 {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
};

/* what QEMU tells about itself when the plugin is loaded */
struct plugin_info {
	const char *target_name;
	struct {
		int min;
		int cur;
	} version;
	bool system_emulation;
	struct {
		int smp_vcpus;
		int max_vcpus;
	} system;
};

/* whether a callback wants the guest's registers synchronised */
enum plugin_regs {
	PLUGIN_REGS_NONE,
	PLUGIN_REGS_READ,
	PLUGIN_REGS_WRITE,
};

/* operations that are compiled into the translated code: one exists */
enum plugin_op {
	PLUGIN_OP_ADD_U64,
};

typedef void (*plugin_trans_cb_t)(plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*plugin_exec_cb_t)(unsigned int vcpu, void *data);
typedef void (*plugin_exit_cb_t)(plugin_id_t id, void *data);

/* called for every block that is translated, before it first runs */
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id_t id,
					   plugin_trans_cb_t cb);
void qemu_plugin_register_atexit_cb(plugin_id_t id, plugin_exit_cb_t cb,
				    void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);

/*
 * Since 3 it copies the bytes to dest and returns how many; before, it has one
 * argument and returns where they are.
 */
uintptr_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn,
				void *dest, size_t len);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

/* before each execution of the instruction: call cb, or add to *ptr */
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    plugin_exec_cb_t cb,
					    enum plugin_regs regs, void *data);
PLUGIN_WEAK
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
						enum plugin_op op, void *ptr,
						uint64_t imm);

/* since 2, instead: add to a counter of the vCPU */
PLUGIN_WEAK
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn,
							 enum plugin_op op,
							 struct plugin_u64 entry,
							 uint64_t imm);
PLUGIN_WEAK
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
PLUGIN_WEAK
void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *score,
				  unsigned int vcpu);
PLUGIN_WEAK
int qemu_plugin_num_vcpus(void);

/* not called, so without arguments: there since 4 and 5 */
PLUGIN_WEAK
void qemu_plugin_read_memory_vaddr(void);
PLUGIN_WEAK
void qemu_plugin_write_register(void);

void qemu_plugin_outs(const char *text);

#endif /* QEMU_PLUGIN_API_H */
