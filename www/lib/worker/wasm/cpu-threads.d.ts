// The glue's types, as wasm-bindgen writes them; src/wasm/ says what they mean.
export class Engine {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    classify(rgba: Uint8Array | number[], width: number, height: number, options: any): object;
    embed(rgba: Uint8Array | number[], width: number, height: number): Float32Array;
    static load(model: Uint8Array): Engine;
    logits(input: Float32Array, shape: Uint32Array | number[], options: any): object;
    model(): any;
    probe(): Float32Array;
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
