// The glue's types, as wasm-bindgen writes them; src/wasm/ says what they mean.
export class Engine {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    check(probe: Float32Array): Promise<void>;
    classifyBitmap(bitmap: ImageBitmap, options: any): Promise<object>;
    classify(rgba: Uint8Array | number[], width: number, height: number, options: any): Promise<object>;
    compile(kernel: number): Promise<void>;
    embedBitmap(bitmap: ImageBitmap): Promise<Float32Array>;
    embed(rgba: Uint8Array | number[], width: number, height: number): Promise<Float32Array>;
    kernels(): number;
    static load(model: Uint8Array, subgroups: boolean, software: boolean): Promise<Engine>;
    logits(input: Float32Array, shape: Uint32Array | number[], options: any): Promise<object>;
    longestSide(): number;
    memory(): number;
    model(): any;
}
export function start(): void;
export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;
export interface InitOutput {
    readonly memory: WebAssembly.Memory;
}
export type SyncInitInput = BufferSource | WebAssembly.Module;
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
