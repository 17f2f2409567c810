import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../local-cluster/cleanup.ts';
import { LocalProcess } from '../../local-cluster/nodes/local-process.ts';
import { until } from '../../local-cluster/until.ts';
import { type Bidi, connectBidi } from './bidi.ts';
import {
	type BrowserKind,
	type DrivenBrowser,
	type DrivenTab,
	expressionOf,
	KEYS,
	START_TIMEOUT_MS,
} from './browser.ts';

const PROGRAM = '/usr/bin/firefox-esr';

interface Evaluated {
	readonly type: 'success' | 'exception';
	readonly result: { readonly value: string };
	readonly exceptionDetails: { readonly text: string };
}

async function open(bidi: Bidi, type: 'tab' | 'window'): Promise<DrivenTab> {
	const { context } = await bidi.send<{ context: string }>('browsingContext.create', { type });
	return {
		async goto(url) {
			await bidi.send('browsingContext.navigate', { context, url, wait: 'complete' });
		},
		async back() {
			await bidi.send('browsingContext.traverseHistory', { context, delta: -1 });
		},
		async url() {
			const tree = await bidi.send<{ contexts: [{ url: string }] }>('browsingContext.getTree', { root: context });
			return tree.contexts[0].url;
		},
		async evaluate(action, ...args) {
			const { type, result, exceptionDetails } = await bidi.send<Evaluated>('script.evaluate', {
				expression: expressionOf(action, args),
				target: { context },
				awaitPromise: true,
			});
			if (type === 'exception') throw new Error(exceptionDetails.text);
			return JSON.parse(result.value);
		},
		async click(selector) {
			const { nodes } = await bidi.send<{ nodes: [{ sharedId: string }] }>('browsingContext.locateNodes', {
				context,
				locator: { type: 'css', value: selector },
			});
			const origin = { type: 'element', element: { sharedId: nodes[0].sharedId } };
			await bidi.send('input.performActions', {
				context,
				actions: [
					{
						type: 'pointer',
						id: 'mouse',
						actions: [
							{ type: 'pointerMove', x: 0, y: 0, origin },
							{ type: 'pointerDown', button: 0 },
							{ type: 'pointerUp', button: 0 },
						],
					},
				],
			});
		},
		async press(key) {
			const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value: KEYS[key] }));
			await bidi.send('input.performActions', { context, actions: [{ type: 'key', id: 'keyboard', actions }] });
		},
		async close() {
			await bidi.send('browsingContext.close', { context });
		},
	};
}

async function launch(): Promise<DrivenBrowser> {
	const profile = makeOwnedDirectory();
	// Firefox refuses the home directory of another user, and would write into it.
	const firefox = new LocalProcess({
		file: PROGRAM,
		args: ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'],
		env: { ...process.env, HOME: profile },
	});
	// Firefox writes its port to this file when it listens.
	const portFile = join(profile, 'WebDriverBiDiServer.json');
	async function port(): Promise<number | undefined> {
		if (firefox.exit !== undefined) throw new Error(`Firefox ended:\n${firefox.written}`);
		const text = existsSync(portFile) ? readFileSync(portFile, 'utf8') : '';
		return text.endsWith('}') ? JSON.parse(text).ws_port : undefined;
	}
	const listening = await until(port, { what: 'the port of Firefox', timeoutMs: START_TIMEOUT_MS });
	const bidi = await connectBidi(`ws://127.0.0.1:${listening}/session`);
	const { capabilities } = await bidi.send<{ capabilities: { browserVersion: string } }>('session.new', {
		capabilities: {},
	});
	return {
		version: capabilities.browserVersion,
		openTab: () => open(bidi, 'tab'),
		openWindow: () => open(bidi, 'window'),
		async close() {
			await bidi.send('browser.close');
			await firefox.ended;
			removeOwnedDirectory(profile);
		},
	};
}

/** Debian's Firefox, over WebDriver BiDi, which needs no driver. */
export const firefox: BrowserKind = { debianPackages: ['firefox-esr'], programs: [PROGRAM], launch };
