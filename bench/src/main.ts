import { runCommand } from './run-command.ts';
import type { Scenario } from './scenario.ts';
import { digests } from './scenarios/digests.ts';
import { dispatcher } from './scenarios/dispatcher.ts';
import { encodings } from './scenarios/encodings.ts';
import { frames } from './scenarios/frames.ts';
import { growth } from './scenarios/growth.ts';
import { idle } from './scenarios/idle.ts';
import { ingest } from './scenarios/ingest.ts';
import { memory } from './scenarios/memory.ts';
import { million } from './scenarios/million.ts';
import { overload } from './scenarios/overload.ts';
import { peers } from './scenarios/peers.ts';
import { postgres } from './scenarios/postgres.ts';
import { presence } from './scenarios/presence.ts';
import { regions } from './scenarios/regions.ts';
import { single } from './scenarios/single.ts';
import { tiers } from './scenarios/tiers.ts';
import { workers } from './scenarios/workers.ts';

const SCENARIOS: readonly Scenario[] = [
	million,
	frames,
	workers,
	peers,
	encodings,
	memory,
	idle,
	ingest,
	single,
	tiers,
	dispatcher,
	digests,
	growth,
	postgres,
	regions,
	presence,
	overload,
];

process.exit(await runCommand(process.argv.slice(2), SCENARIOS));
