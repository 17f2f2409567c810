declare function createHearts(canvas: HTMLCanvasElement, options?: HeartsOptions): Hearts;
declare function paintReaction(context: CanvasRenderingContext2D, type: string, size: number, painter?: ReactionPainter): void;
export type { Burst };
interface Burst {
    readonly type?: string;
    readonly count?: number;
    readonly own?: boolean;
    readonly from?: {
        readonly x: number;
        readonly y: number;
    };
}
export type { Hearts, HeartsOptions, Reaction, ReactionPainter };
export { Burst, createHearts, paintReaction };
import { Burst };
interface Hearts {
    burst(burst?: Burst): void;
    stop(): void;
}
interface HeartsOptions {
    readonly origin?: {
        readonly x: number;
        readonly y: number;
    };
    readonly maxParticles?: number;
    readonly reactions?: Readonly<Record<string, Reaction>>;
    readonly worker?: string | URL;
    readonly random?: () => number;
}
type Reaction = ReactionPainter | ImageBitmap | URL | string;
type ReactionPainter = (context: CanvasRenderingContext2D) => void;
