// SPDX-License-Identifier: MIT
/* The built-in sweeps, in the language of sweep.h. */
#include "bench/sweep.h"

#include <stdlib.h>
#include <string.h>

const char *const sweep_builtin[] = {
	"# Every model at the paper's batch sizes",
	"sweep main",
	"model all",
	"tokens 16 64 256 1024",
	"array 2x2",
	"routing auto",
	"sample 1..5",
	"strategy all",
	"",
	"# Around the balance of DDR and MAC time",
	"sweep balance",
	"model deepseek-v2-lite gpt-oss-20b qwen3-30b-a3b",
	"tokens 384 512 768",
	"array 2x2",
	"routing auto",
	"sample 1..5",
	"strategy all",
	"",
	"# D2D against DDR bandwidth",
	"sweep heatmap",
	"model deepseek-v2-lite gpt-oss-20b",
	"tokens 64 256",
	"array 2x2",
	"link-mbps 12000 24000 48000 96000 192000",
	"ddr-mbps 6400 12800 25600 51200 102400",
	"routing auto",
	"sample 1 | 2..3",
	"strategy all",
	"",
	"# Finish time against SRAM, from the fewest slots up",
	"sweep slots",
	"model deepseek-v2-lite gpt-oss-20b qwen3-30b-a3b | mixtral-8x7b",
	"tokens 64 256",
	"array 2x2",
	"slots 1 2 3 4 5 6 8 12 16 24",
	"slices - 4 16 64 | 8 32 128",
	"routing auto",
	"sample 1 | 2..3",
	"strategy fse-dp",
	"",
	"# Scaling with the array, DDR on the corners",
	"sweep arrays",
	"model deepseek-v2-lite gpt-oss-20b qwen3-30b-a3b",
	"tokens 64 256 1024",
	"array 1x1 2x2 3x3 4x4 | 6x6 8x8",
	"routing auto",
	"sample 1 | 2..3",
	"strategy all",
	"",
	"# What units do over time",
	"sweep profile",
	"model deepseek-v2-lite gpt-oss-20b",
	"tokens 64 1024",
	"array 2x2",
	"profile 200",
	"routing auto",
	"sample 1",
	"strategy all",
	NULL
};

char *sweep_builtin_text(void)
{
	size_t length = 1, i;
	char *text, *at;

	for (i = 0; sweep_builtin[i]; i++)
		length += strlen(sweep_builtin[i]) + 1;
	text = malloc(length);
	if (!text)
		return NULL;
	at = text;
	for (i = 0; sweep_builtin[i]; i++) {
		at = stpcpy(at, sweep_builtin[i]);
		*at++ = '\n';
	}
	*at = '\0';
	return text;
}
