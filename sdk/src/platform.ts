import type { Connection, ConnectionOptions } from './connection-options.ts';
import type { TransportChoice, TransportName } from './transport.ts';

/** What a platform calls as its page or app comes and goes. */
export interface PlatformCallbacks {
	/**
	 * Called when the network is back, the page is visible again, or it left the back/forward cache.
	 * A request that failed may succeed now, and timers may be late.
	 */
	resume(): void;
	/** Called when the page is hidden: on a phone it may never run again. */
	flush(): void;
	/** Called when the user leaves the page. The browser may keep the page and restore it. */
	suspend(): void;
}

/** What a client needs of its platform: a page of a browser, or an app of React Native. */
export interface Platform {
	/** Calls back as the page comes and goes, until the signal aborts. */
	watch(callbacks: PlatformCallbacks, signal: AbortSignal): void;
	/** Opens the connection of a client, which slows down and rests while its page is hidden. */
	connect(options: ConnectionOptions): Connection;
	/** Returns the transport of a name. */
	chooseTransport(name: TransportName): TransportChoice;
}
