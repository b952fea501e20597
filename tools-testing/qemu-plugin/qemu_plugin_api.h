/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of QEMU's TCG plugin interface, version 1, that ptcount.c calls.
 *
 * Debian packages QEMU without the header that declares this interface, so
 * the few functions in use are declared here. All of them are exported by
 * the QEMU executable and resolved when it loads the plugin.
 */
#ifndef QEMU_PLUGIN_API_H
#define QEMU_PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT		__attribute__((visibility("default")))
#define PLUGIN_API_VERSION	1

/* handle QEMU gives to a loaded plugin */
typedef uint64_t plugin_id_t;

/* both live only as long as the translation callback they are given to */
struct qemu_plugin_tb;
struct qemu_plugin_insn;

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

const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

/* before each execution of the instruction: call cb, or add to *ptr */
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    plugin_exec_cb_t cb,
					    enum plugin_regs regs, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
						enum plugin_op op, void *ptr,
						uint64_t imm);

void qemu_plugin_outs(const char *text);

#endif /* QEMU_PLUGIN_API_H */
