/* SPDX-License-Identifier: MIT */
/* A run on a chip, from within: what it knows of the program, and where a job's memory lies. */
#ifndef RILL_NDF_CHIP_RUN_H
#define RILL_NDF_CHIP_RUN_H

#include "ndf/run.h"
#include "rill_dataflow_device.h"

struct chip_input {
	uint64_t *words;		/* NULL: the program's own */
	uint32_t count;
	bool used;			/* by a job: what comes next begins anew */
};

struct chip_output {
	uint32_t node;
	uint32_t expected;		/* 0: as the node says */
	uint32_t room;
	uint64_t count;			/* that it took */
	uint64_t *words;		/* those that there was room for */
};

/* A plastic `when` */
struct chip_plastic {
	uint32_t node, inputs, dims;
	int32_t *weights;		/* [inputs][dims] */
	int64_t *bias, *theta;		/* [dims] */
};

/* Offsets into the job's buffer */
struct chip_layout {
	uint64_t block, program, inputs, outputs, weights, weights_bytes, report;
	uint64_t input_words, output_words;
	uint64_t bytes;
};

struct chip_run {
	struct rill_run run;
	struct rill_queue_handle *queue;
	struct rill_chip_run_options options;
	void *binary;
	size_t binary_bytes;
	struct chip_input *inputs;
	struct chip_output *outputs;
	struct chip_plastic *plastics;
	uint32_t input_count, output_count, plastic_count;
	struct rill_buffer *memory;	/* NULL: the program has none */
	struct rill_buffer *job;
	bool learned;			/* `plastics` are what a job left */
	bool reported;
	struct rill_ndf_report report;	/* of the host's byte order */
	char failure[RILL_GRAPH_ERROR_BYTES];
};

/* Keep a sentence and return code. */
int chip_run_fail(struct chip_run *chip, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What the graph has of each kind; false: out of memory. */
bool chip_run_describe(struct chip_run *chip);
void chip_run_forget(struct chip_run *chip);

/* Room of the sinks, then where everything lies. */
void chip_run_lay_out(struct chip_run *chip, struct chip_layout *layout);
/* Fill the buffer, which is at va, and read it again. */
void chip_run_write(const struct chip_run *chip, const struct chip_layout *layout, uint64_t firings, uint64_t va,
		    uint8_t *at);
int chip_run_read(struct chip_run *chip, const struct chip_layout *layout, const uint8_t *at);
int chip_run_check_room(struct chip_run *chip);
void chip_run_read_report(struct chip_run *chip, const uint8_t *at);

#endif
