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
	"tokens 256 | 64",
	"array 2x2",
	"link-mbps 12000 24000 48000 96000 192000",
	"ddr-mbps 6400 12800 25600 51200 102400",
	"routing auto",
	"sample 1 | 2..3",
	"strategy fse-dp ep hydra tp",
	"",
	"# Finish time against SRAM, from the fewest slots up",
	"sweep slots",
	"model deepseek-v2-lite gpt-oss-20b qwen3-30b-a3b | mixtral-8x7b",
	"tokens 64 256",
	"array 2x2",
	"slots 1 2 3 4 5 6 8 12 | 16 24",
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
	"# One rule of the engine off at a time, then several; the load order of the paper's kind; few slices",
	"sweep ablation",
	"model deepseek-v2-lite gpt-oss-20b",
	"tokens 64 512",
	"array 2x2",
	"without - anonymous-slots bubble early-forward early-release overlap free-routing early-release,overlap",
	"routing auto",
	"sample 1..3 | 4..5",
	"strategy fse-dp",
	"sweep ablation",
	"model deepseek-v2-lite gpt-oss-20b",
	"tokens 64 512",
	"array 2x2",
	"order - paired",
	"slices - 4",
	"routing auto",
	"sample 1..3 | 4..5",
	"strategy fse-dp fsdp",
	"sweep ablation",
	"model deepseek-v2-lite gpt-oss-20b",
	"tokens 64 512",
	"array 2x2",
	"homes - skewed:0.5",
	"redispatch - on",
	"group - 2",
	"routing auto",
	"sample 1 | 2..5",
	"strategy fse-dp",
	"",
	"# Weights of 4 bits",
	"sweep extensions",
	"model all",
	"tokens 16 64 256 1024",
	"array 2x2",
	"weights int4",
	"routing auto",
	"sample 1 | 2..5",
	"strategy fse-dp ep tp",
	"",
	"# Token buffering: so many % of a batch may wait for another pass",
	"sweep extensions",
	"model deepseek-v2-lite gpt-oss-20b qwen3-30b-a3b",
	"tokens 16 64",
	"array 2x2",
	"passes 16",
	"buffer - 10 20 30",
	"routing auto",
	"sample 1 | 2..5",
	"strategy fse-dp",
	"",
	"# All layers of a model in turn, shared experts loaded before their pass or not",
	"sweep whole",
	"model qwen3-30b-a3b deepseek-v2-lite gpt-oss-20b | olmoe-1b-7b phi-3.5-moe yuan2.0-m32 mixtral-8x7b",
	"tokens 64",
	"array 2x2",
	"layers all",
	"no-prefetch - on",
	"routing synthetic",
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
