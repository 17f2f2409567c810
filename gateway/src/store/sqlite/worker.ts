import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../runtime/errors.ts';
import { StoreError } from '../store.ts';
import { SqliteDatabase } from './database.ts';
import { READY, type WorkerCall, type WorkerReply, type WorkerSetup } from './worker-messages.ts';

if (parentPort === null) throw new Error('sqlite-worker runs in a worker thread only');
const port = parentPort;

/** Result codes of SQLite for values that it refuses, https://www.sqlite.org/rescode.html. */
const REFUSALS = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG)/;

/** Returns whether the database works and refuses a request. */
function isRefusal(error: unknown): boolean {
	if (error instanceof StoreError) return error.isRefusal;
	return error instanceof Error && 'code' in error && REFUSALS.test(String(error.code));
}

/** Runs `work`, and posts its result or its error as the reply to `id`. */
function reply(id: number, work: () => unknown): void {
	let message: WorkerReply;
	try {
		message = { id, result: work() };
	} catch (error) {
		message = { id, error: messageOf(error), isRefusal: isRefusal(error) };
	}
	port.postMessage(message);
}

let database: SqliteDatabase | undefined;

function opened(): SqliteDatabase {
	if (database === undefined) throw new Error('the database is not open');
	return database;
}

port.on('message', (call: WorkerCall) => {
	reply(call.id, () => carryOut(opened(), call));
	if (call.method === 'close') port.close();
});

function carryOut(open: SqliteDatabase, call: WorkerCall): unknown {
	switch (call.method) {
		case 'commit':
			return open.commit(...call.args);
		case 'read':
			return open.read(...call.args);
		case 'liked':
			return open.liked(...call.args);
		case 'changes':
			return open.changes(...call.args);
		case 'positions':
			return open.positions();
		case 'replicate':
			return open.replicate(...call.args);
		case 'append':
			return open.append(...call.args);
		case 'events':
			return open.events(...call.args);
		case 'find':
			return open.find(...call.args);
		case 'history':
			return open.history(...call.args);
		case 'keepEvents':
			return open.keepEvents(...call.args);
		case 'missing':
			return open.missing(...call.args);
		case 'values':
			return open.values(...call.args);
		case 'keepValues':
			return open.keepValues(...call.args);
		case 'raiseClock':
			return open.raiseClock(...call.args);
		case 'timeline':
			return open.timeline(...call.args);
		case 'prune':
			return open.prune(...call.args);
		case 'close':
			return open.close();
	}
}

reply(READY, () => {
	const { directory, region } = workerData as WorkerSetup;
	database = new SqliteDatabase(directory, region);
});
