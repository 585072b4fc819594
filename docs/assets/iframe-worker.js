/* A page opened as a file may start no worker. There, the search runs in a hidden frame instead. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.onmessage = null;
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.listen = event => {
        if (event.source !== this.frame.contentWindow) return;
        const heard = new MessageEvent("message", { data: event.data });
        this.dispatchEvent(heard);
        if (this.onmessage) this.onmessage(heard);
      };
      addEventListener("message", this.listen);
      this.waiting = [];
      this.frame.addEventListener("load", () => {
        this.ready = true;
        for (const message of this.waiting) this.postMessage(message);
      });
      const source = new URL(address, document.baseURI).href;
      this.frame.srcdoc = `<!doctype html><base href="${document.baseURI}"><script>
        var postMessage = message => parent.postMessage(message, "*");
        var importScripts = (...addresses) => Promise.all(addresses.map(address => new Promise((done, failed) => {
          const script = document.createElement("script");
          script.src = address; script.onload = done; script.onerror = failed;
          document.head.append(script);
        })));
      <\/script><script src="${source}"><\/script>`;
      document.body.append(this.frame);
    }
    postMessage(message) {
      // Our own postMessage: the frame's sends what the search has found.
      if (this.ready) window.postMessage.call(this.frame.contentWindow, message, "*");
      else this.waiting.push(message);
    }
    terminate() {
      removeEventListener("message", this.listen);
      this.frame.remove();
    }
  };
}
