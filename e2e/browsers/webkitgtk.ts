import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../local-cluster/free-ports.ts';
import { LocalProcess } from '../../local-cluster/nodes/local-process.ts';
import { until } from '../../local-cluster/until.ts';
import {
	type BrowserKind,
	type DrivenBrowser,
	type DrivenTab,
	expressionOf,
	KEYS,
	START_TIMEOUT_MS,
} from './browser.ts';

const DRIVER = '/usr/bin/WebKitWebDriver';
const DISPLAY = '/usr/bin/Xvfb';

/** The key of an element reference in WebDriver's JSON. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Returns a script that passes the result of an expression, or its error, to its callback. */
const settle = (expression: string) =>
	`const done = arguments[0]; ${expression}.then((value) => done({ value }), (error) => done({ error: String(error) }));`;

/** Returns the browser that the library ships, in a folder named after its version. */
function miniBrowser(): string | undefined {
	const libraries = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
	const folder = readdirSync(libraries).find((name) => name.startsWith('webkit2gtk-4'));
	return folder === undefined ? undefined : join(libraries, folder, 'MiniBrowser');
}

type Send = <Result>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<Result>;

/** Returns a client for the WebDriver at an address. */
function connectTo(driver: string): Send {
	return async (method, path, body = {}) => {
		const headers = { 'Content-Type': 'application/json' };
		const init = method === 'POST' ? { headers, body: JSON.stringify(body) } : {};
		const response = await fetch(driver + path, { method, ...init });
		const { value } = (await response.json()) as { value: never };
		if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
		return value;
	};
}

/** Creates a tab. WebDriver sends commands to the selected tab, so commands of different tabs run one after another. */
function createTab(
	send: Send,
	handle: string,
	inTurn: <Value>(act: () => Promise<Value>) => Promise<Value>,
): DrivenTab {
	const sendHere: Send = (method, path, body) =>
		inTurn(async () => {
			await send('POST', '/window', { handle });
			return send(method, path, body);
		});
	return {
		async goto(url) {
			await sendHere('POST', '/url', { url });
		},
		async back() {
			await sendHere('POST', '/back');
		},
		url: () => sendHere('GET', '/url'),
		async evaluate(action, ...args) {
			const script = settle(expressionOf(action, args));
			const { value, error } = await sendHere<{ value: string; error?: string }>('POST', '/execute/async', {
				script,
				args: [],
			});
			if (error !== undefined) throw new Error(error);
			return JSON.parse(value);
		},
		async click(selector) {
			const found = await sendHere<Record<string, string>>('POST', '/element', {
				using: 'css selector',
				value: selector,
			});
			await sendHere('POST', `/element/${found[ELEMENT]}/click`);
		},
		async press(key) {
			const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value: KEYS[key] }));
			await sendHere('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
		},
		async close() {
			await sendHere('DELETE', '/window');
		},
	};
}

async function launch(): Promise<DrivenBrowser> {
	const binary = miniBrowser();
	// The browser needs a screen. Xvfb writes the number of its screen to the given descriptor.
	const screen = new LocalProcess({ file: DISPLAY, args: ['-displayfd', '2'], env: process.env });
	const number = () => /^(\d+)$/m.exec(screen.written)?.[1];
	const display = `:${await until(number, { what: 'a screen of Xvfb', timeoutMs: START_TIMEOUT_MS })}`;
	const port = await freePort();
	const driver = new LocalProcess({
		file: DRIVER,
		args: [`--port=${port}`],
		env: { ...process.env, DISPLAY: display },
	});
	const root = connectTo(`http://127.0.0.1:${port}`);
	const isReady = () =>
		root<{ ready: boolean }>('GET', '/status').then(
			({ ready }) => ready,
			() => false,
		);
	await until(isReady, { what: 'WebKitWebDriver to be ready', timeoutMs: START_TIMEOUT_MS });
	const session = await root<{ sessionId: string; capabilities: { browserVersion: string } }>('POST', '/session', {
		capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } } },
	});
	const send: Send = (method, path, body) => root(method, `/session/${session.sessionId}${path}`, body);
	let turn: Promise<unknown> = Promise.resolve();
	function inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
		const acting = turn.then(act);
		turn = acting.catch(() => {});
		return acting;
	}
	const [first] = await send<[string]>('GET', '/window/handles');
	async function open(type: 'tab' | 'window'): Promise<DrivenTab> {
		const { handle } = await inTurn(async () => {
			// The tab of the last command may be closed. The first tab stays open.
			await send('POST', '/window', { handle: first });
			return send<{ handle: string }>('POST', '/window/new', { type });
		});
		return createTab(send, handle, inTurn);
	}
	return {
		version: session.capabilities.browserVersion,
		openTab: () => open('tab'),
		openWindow: () => open('window'),
		async close() {
			await send('DELETE', '');
			await driver.stop();
			await screen.stop();
		},
	};
}

/** WebKitGTK's MiniBrowser, over WebDriver, on a screen of Xvfb. */
export const webkitgtk: BrowserKind = {
	debianPackages: ['webkit2gtk-driver', 'xvfb'],
	programs: [DRIVER, DISPLAY],
	launch,
};
