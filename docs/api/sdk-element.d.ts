declare function setDefaultGateway(url: string): void;
declare function setTexts(texts: Texts): void;
declare global {
    interface HTMLElementTagNameMap {
        'likewire-player': LikewirePlayer;
        'likewire-hearts': LikewireHearts;
        'likewire-reactions': LikewireReactions;
        'likewire-comments': LikewireComments;
    }
}
export type { Flight, LikewireComments, LikewireElement, LikewireHearts, LikewirePlayer, LikewireReactions, Live, LiveEvents, Place, Text, Texts };
export { setDefaultGateway, setTexts };
import { Client, Video, ConnectionState, LikewireError, Unbind, ClientOptions } from './index.js';
import { HeartsOptions } from './hearts.js';
import { Totals, CommentEvent } from '@likewire/protocol';
interface Flight {
    readonly type: string;
    readonly count: number;
    readonly own: boolean;
    readonly from?: Place | undefined;
}
interface LikewireElement extends HTMLElement {
    video: string;
    gateway: string;
    user: string;
    token: ClientOptions['token'];
    htmlFor: string;
    texts: Texts;
    readonly live: Live | undefined;
}
interface LikewireHearts extends LikewireElement {
    maxParticles: number;
    options: HeartsOptions;
}
interface LikewirePlayer extends LikewireElement {
    src: string;
    poster: string;
    captions: string;
    autoplay: boolean;
    sync: boolean;
    startedAt: string;
    readonly position: number | undefined;
    readonly media: HTMLVideoElement;
}
interface LikewireReactions extends LikewireElement {
    types: string;
}
interface Live {
    readonly client: Client;
    readonly video: Video;
    readonly totals: Totals;
    on<Name extends keyof LiveEvents>(event: Name, listener: (data: LiveEvents[Name]) => void): Unbind;
    like(type: string, from?: Place, position?: number): void;
    user(): Promise<string | undefined>;
    mayModerate(): boolean;
}
interface LiveEvents {
    readonly flight: Flight;
    readonly totals: Totals;
    readonly viewers: number;
    readonly comment: CommentEvent;
    readonly ended: Totals;
    readonly state: ConnectionState;
    readonly like: {
        readonly type: string;
        readonly id: string;
    };
    readonly refused: string;
    readonly error: LikewireError;
}
interface Place {
    readonly x: number;
    readonly y: number;
}
type LikewireComments = LikewireElement;
type Text = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;
type Texts = Readonly<Record<string, Text>>;
