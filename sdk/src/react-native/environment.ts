/** The part of React Native's `AppState` that a client uses. */
export interface AppStateLike {
	/** `active`, `background`, or on iOS for a moment `inactive`. */
	readonly currentState: string | null;
	/** Listens for changes, with the new state; `remove` ends that. */
	addEventListener(type: 'change', listener: (state: string) => void): { remove(): void };
}

/** The network as `@react-native-community/netinfo` reports it. */
export interface NetworkState {
	/** The kind of network, such as `wifi` or `cellular`. */
	readonly type: string;
	/** Whether the phone has a network; null while that is unknown. */
	readonly isConnected: boolean | null;
}

/** The part of `NetInfo` of `@react-native-community/netinfo` that a client uses. */
export interface NetInfoLike {
	/**
	 * Listens for changes; returns a function that ends that.
	 * NetInfo also calls the listener once at the start.
	 */
	addEventListener(listener: (state: NetworkState) => void): () => void;
}

/** The parts of the phone that an app gives its client; all are optional. */
export interface NativeEnvironment {
	/**
	 * React Native's `AppState`. Without it, the client does not know when the app is in the background.
	 * In the background the client asks for fewer updates, ends its stream after 5 minutes, and resumes when the app is
	 * active.
	 */
	readonly appState?: AppStateLike | undefined;
	/**
	 * `NetInfo` of `@react-native-community/netinfo`.
	 * The client reconnects at once when the phone has a network again, or another one. Without it, the client waits
	 * for the next attempt, or until it notices the silence.
	 */
	readonly netInfo?: NetInfoLike | undefined;
	/** Returns whether the app plays media that its user follows in the background. Default: it does not. */
	readonly playsMedia?: (() => boolean) | undefined;
}
