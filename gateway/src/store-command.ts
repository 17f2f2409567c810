import { resolve } from 'node:path';
import type { StoreAction, StoreArguments } from './config/cli.ts';
import type { Config } from './config/config.ts';
import { markRestored } from './store/open/mark-restored.ts';
import { postgresCommands } from './store/postgres/commands.ts';
import { backupSqlite } from './store/sqlite/backup.ts';
import type { StoreSummary } from './store/sqlite/copy.ts';
import type { OnProgress } from './store/sqlite/durable-files.ts';
import { restoreSqlite } from './store/sqlite/restore.ts';
import { StoreError } from './store/store.ts';

/** The period of messages about the progress, in milliseconds. */
const PROGRESS_MS = 2_000;

/** Runs a command. Resolves with the line to print; rejects with a {@link StoreError}. */
export async function runStoreCommand(action: StoreAction, { file, overwrite }: StoreArguments, config: Config) {
	if (action === 'store restored') return restored(config);
	if (config.databaseUrl !== '') throw new StoreError(postgresCommands[action](file));
	const { region } = config;
	const directory = resolve(config.dataDir);
	const onProgress = createProgress();
	if (action === 'store backup') {
		const summary = await backupSqlite({ directory, region, file, overwrite, onProgress });
		return `Backed up the store of region ${region} to ${resolve(file)}: ${describe(summary)}.`;
	}
	const onCheck = () => say('checking the copy');
	const { summary, aside } = restoreSqlite({ directory, region, file, onProgress, onCheck });
	const before = aside === undefined ? 'No database existed before.' : `The old database is ${aside}.`;
	return `Restored the store of region ${region} from ${resolve(file)}: ${describe(summary)}. ${before}`;
}

async function restored(config: Config): Promise<string> {
	const { before, after } = await markRestored(config);
	const changed = `The store of region ${config.region} has epoch ${after} now, after ${before}`;
	return after > before
		? `${changed}: its content replaces what nodes and other regions know of it.`
		: `${changed}, which was in the future: restart all nodes of the region, which still use it. No other region has accepted it.`;
}

function describe({ bytes, likes, comments, epoch }: StoreSummary): string {
	return `${bytes} bytes, ${likes} likes, ${comments} comments, epoch ${epoch}`;
}

function createProgress(): OnProgress {
	let saidAt = performance.now();
	return (done, total) => {
		if (performance.now() - saidAt < PROGRESS_MS) return;
		saidAt = performance.now();
		say(`copied ${Math.floor((100 * done) / total)} % of ${total} bytes`);
	};
}

function say(text: string): void {
	process.stderr.write(`likewire: ${text}\n`);
}
