import { createConnection } from '../connection.ts';
import type { Connection, ConnectionOptions } from '../connection-options.ts';
import { createHiding, GRACE_MS, type Visibility, withHiding } from '../hiding.ts';
import type { Platform } from '../platform.ts';
import type { TransportChoice } from '../transport.ts';
import type { AppStateLike, NativeEnvironment } from './environment.ts';
import { createNetworkListener } from './network.ts';
import { chooseNativeTransport } from './transport.ts';

/** Creates the platform of an app of React Native. */
export function createNativePlatform({ appState, netInfo, playsMedia = () => false }: NativeEnvironment): Platform {
	// `inactive` is an app that iOS covers for a moment: the user still sees it.
	const visibility: Visibility = { isHidden: () => appState?.currentState === 'background', playsMedia };
	return {
		chooseTransport: chooseNativeTransport,
		connect: (options) => connectHiding(options, visibility, appState),
		watch(callbacks, signal) {
			const app = appState?.addEventListener('change', (state) => {
				if (state === 'active') callbacks.resume();
				else callbacks.flush();
			});
			const endNetwork = netInfo?.addEventListener(createNetworkListener(callbacks));
			signal.addEventListener('abort', () => {
				app?.remove();
				endNetwork?.();
			});
		},
	};
}

/** Opens a connection that slows down and ends while its app is in the background. */
function connectHiding(options: ConnectionOptions, visibility: Visibility, appState?: AppStateLike): Connection {
	let hiddenAt: number | undefined;
	const stream = createConnection({
		...options,
		transport: withMessages(options.transport, () => {
			if (hiddenAt !== undefined && Date.now() - hiddenAt >= GRACE_MS) hiding.end();
		}),
	});
	const hiding = createHiding(visibility, () => [stream]);

	function look(): void {
		if (!visibility.isHidden()) hiddenAt = undefined;
		else hiddenAt ??= Date.now();
		hiding.look();
	}

	const app = appState?.addEventListener('change', look);
	options.closing.addEventListener('abort', () => app?.remove());
	look();
	return withHiding(stream, hiding, options.closing);
}

/**
 * Returns the same transport, which calls `afterEach` after each message.
 * Android stops the timers of an app in the background, but delivers messages.
 */
function withMessages(transport: TransportChoice, afterEach: () => void): TransportChoice {
	return {
		...transport,
		open(handlers, blocked) {
			const onMessage: typeof handlers.onMessage = (...message) => {
				handlers.onMessage(...message);
				afterEach();
			};
			return transport.open({ ...handlers, onMessage }, blocked);
		},
	};
}
