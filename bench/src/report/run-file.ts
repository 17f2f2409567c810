import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Machine } from '../measure/machine.ts';
import type { GatewayBuild } from '../processes/gateway-process.ts';
import type { PinningPlan } from '../processes/pinning.ts';
import type { ScenarioResult } from '../scenario.ts';
import { UsageError } from '../usage-error.ts';

/** The version of {@link RunFile}. Another number: the names or the meaning of its fields changed. */
const FORMAT = 1;

/** The parameters of a run, which figures depend on. */
export interface RunSettings {
	readonly viewers: number;
	readonly seconds: number;
	readonly quick: boolean;
}

/** One run of one scenario. */
export interface RunRecord {
	readonly scenario: string;
	/** The name of the gateway. */
	readonly gateway: string;
	/** The number of this run among those of its scenario and gateway, from 1. */
	readonly round: number;
	readonly settings: RunSettings;
	readonly result: ScenarioResult;
}

/** The results of one command, as the benchmark writes them. */
export interface RunFile {
	readonly format: typeof FORMAT;
	/** The end of the last run, in ISO 8601. */
	readonly at: string;
	/** The arguments of the command. */
	readonly command: readonly string[];
	readonly machine: Machine;
	readonly client: { readonly language: string; readonly gzip?: boolean };
	readonly ownNetwork: boolean;
	readonly pinning: PinningPlan;
	readonly gateways: readonly GatewayBuild[];
	/** In the order of time. */
	readonly runs: readonly RunRecord[];
}

const value = z
	.number()
	.nullable()
	// JSON has no NaN, which stands for what a run could not measure.
	.transform((number) => number ?? Number.NaN);

const figure = z.looseObject({ label: z.string(), value, unit: z.string(), isFloor: z.boolean().optional() });

const plot = z.looseObject({
	name: z.string(),
	lines: z.array(z.looseObject({ name: z.string(), points: z.array(z.tuple([z.number(), value])) })),
});

const schema = z.looseObject({
	at: z.string(),
	command: z.array(z.string()),
	machine: z.looseObject({ cpu: z.string(), cores: z.number(), system: z.string(), node: z.string() }),
	client: z.looseObject({ language: z.string() }),
	ownNetwork: z.boolean(),
	pinning: z.union([z.looseObject({ off: z.string() }), z.looseObject({ server: z.string(), load: z.string() })]),
	gateways: z.array(z.looseObject({ name: z.string(), file: z.string() })).min(1),
	runs: z
		.array(
			z.looseObject({
				scenario: z.string(),
				gateway: z.string(),
				round: z.number(),
				settings: z.looseObject({ viewers: z.number(), seconds: z.number(), quick: z.boolean() }),
				result: z.looseObject({
					figures: z.array(figure),
					checks: z.array(z.looseObject({ ok: z.boolean() })),
					plots: z.array(plot).optional(),
				}),
			}),
		)
		.min(1),
});

/** Writes the results of a command. Returns them with their format. */
export function writeRunFile(file: string, run: Omit<RunFile, 'format'>): RunFile {
	const formatted: RunFile = { format: FORMAT, ...run };
	writeFileSync(file, `${JSON.stringify(formatted, null, '\t')}\n`);
	return formatted;
}

/** Reads the results of an earlier command. Throws a UsageError that says what is wrong with the file. */
export function readRunFile(file: string): RunFile {
	const json = parse(file, read(file));
	const format = z.looseObject({ format: z.unknown() }).safeParse(json).data?.format;
	if (format === undefined) {
		throw new UsageError(`${file} has no format number: it is no result of this benchmark, or of an older version`);
	}
	if (format !== FORMAT) {
		throw new UsageError(`${file} has format ${JSON.stringify(format)}; this benchmark reads format ${FORMAT}`);
	}
	const parsed = schema.safeParse(json);
	if (parsed.success) return parsed.data as unknown as RunFile;
	const [{ path, message } = { path: [], message: '' }] = parsed.error.issues;
	throw new UsageError(`${file} is no result of this benchmark: ${path.join('.')}: ${message}`);
}

function read(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new UsageError(`cannot read ${file}: ${reason}`, { cause });
	}
}

function parse(file: string, text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new UsageError(`${file} is no JSON: ${reason}`, { cause });
	}
}
