// The glue's types, as wasm-bindgen writes them; src/wasm/ says what they mean.
export class Engine {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    classify(rgba: Uint8Array, width: number, height: number, options: object): import('reslens').Classification;
    embed(rgba: Uint8Array, width: number, height: number): Float32Array;
    logits(input: Float32Array, shape: Uint32Array | number[], options: object): import('reslens').Logits;
    model(): Omit<import('reslens').Model, 'sha256'>;
    probe(): Float32Array;
    sweepImage(input: Float32Array, shape: Uint32Array | number[], options: object): Sweep;
    sweep(rgba: Uint8Array, width: number, height: number, options: object): Sweep;
}
export class Sweep {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    blocks(): number;
    run(block: number): import('reslens').SweptBlock;
    start(): Omit<import('reslens').Sweep, 'blocks'>;
}
export class UncheckedEngine {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    check(labels?: Uint8Array | null): Engine;
    static load(model: Uint8Array): UncheckedEngine;
}
export function buildThreadPool(count: number): void;
export function runThread(): void;
export function start(): void;
export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;
export interface InitOutput {
    readonly memory: WebAssembly.Memory;
}
export type SyncInitInput = BufferSource | WebAssembly.Module;
export function initSync(module: { module: SyncInitInput, memory?: WebAssembly.Memory, thread_stack_size?: number } | SyncInitInput, memory?: WebAssembly.Memory): InitOutput;
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput>, memory?: WebAssembly.Memory, thread_stack_size?: number } | InitInput | Promise<InitInput>, memory?: WebAssembly.Memory): Promise<InitOutput>;
