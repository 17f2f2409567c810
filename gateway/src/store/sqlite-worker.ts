import { parentPort, workerData } from 'node:worker_threads';
import { SqliteDatabase } from './sqlite-database.ts';
import { READY, type WorkerCall, type WorkerReply } from './worker-messages.ts';

if (parentPort === null) throw new Error('sqlite-worker runs in a worker thread only');
const port = parentPort;

/** Runs `work` and posts its result, or why it failed, as the reply to `id`. */
function reply(id: number, work: () => unknown): void {
	let message: WorkerReply;
	try {
		message = { id, result: work() };
	} catch (error) {
		message = { id, error: error instanceof Error ? error.message : String(error) };
	}
	port.postMessage(message);
}

let database: SqliteDatabase | undefined;

function opened(): SqliteDatabase {
	if (database === undefined) throw new Error('the database is not open');
	return database;
}

port.on('message', ({ id, method, argument }: WorkerCall) => {
	if (method === 'commit') reply(id, () => opened().commit(argument));
	else if (method === 'read') reply(id, () => opened().read(argument));
	else {
		reply(id, () => database?.close());
		port.close();
	}
});

reply(READY, () => {
	database = new SqliteDatabase(workerData as string);
});
