// The glue's types, as wasm-bindgen writes them; src/wasm/ says what they mean.
export class Autograd {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    gradients(input: Float32Array, shape: Uint32Array | number[], options: any): object;
    static load(model: Uint8Array): Autograd;
    preprocess(rgba: Uint8Array | number[], width: number, height: number): object;
}
export function start(): void;
export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;
export interface InitOutput {
    readonly memory: WebAssembly.Memory;
}
export type SyncInitInput = BufferSource | WebAssembly.Module;
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
