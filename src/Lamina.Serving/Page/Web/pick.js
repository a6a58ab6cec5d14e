// The ways in which an image comes in: dropped, pasted, chosen, photographed.
import { byId, PageError } from "./dom.js";

/**
 * Calls back for every image.
 * @param {(file: Blob) => void} onImage
 * @param {(error: PageError) => void} onError
 */
export function listen(onImage, onError) {
  const take = (/** @type {DataTransfer|null} */ data) => {
    const file = data?.files[0];
    if (file) {
      onImage(file);
    } else if (data?.types.includes("text/uri-list")) {
      onError(new PageError("Save the picture to a file first, then drop the file: this page loads nothing from elsewhere."));
    } else {
      onError(new PageError("That is not an image file."));
    }
  };
  document.addEventListener("dragover", event => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragleave", event => {
    // Moving between elements also leaves one of them.
    if (event.relatedTarget === null) {
      document.body.classList.remove("dragging");
    }
  });
  document.addEventListener("drop", event => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    take(event.dataTransfer);
  });
  document.addEventListener("paste", event => {
    const isField = event.target instanceof HTMLInputElement;
    if (event.clipboardData?.files.length || !isField) {
      event.preventDefault();
      take(event.clipboardData);
    }
  });
  for (const [button, input] of [["choose", "file"], ["photograph", "capture"]]) {
    byId(input).addEventListener("change", () => {
      if (byId(input).files.length > 0) {
        onImage(byId(input).files[0]);
      }
      // The same file can be chosen again.
      byId(input).value = "";
    });
    byId(button).addEventListener("click", () => {
      // Without a camera of its own the browser offers that of the phone, or files.
      if (button === "photograph" && navigator.mediaDevices?.getUserMedia) {
        photograph(onImage, onError);
      } else {
        byId(input).click();
      }
    });
  }
}

async function photograph(onImage, onError) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    onError(new PageError("There is no camera, or this page may not use it. Choose an image instead."));
    return;
  }
  const dialog = byId("camera");
  const video = byId("video");
  video.srcObject = stream;
  dialog.showModal();
  const shoot = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob(blob => blob && onImage(blob), "image/png");
    dialog.close();
  };
  byId("shoot").onclick = shoot;
  byId("cancel").onclick = () => dialog.close();
  dialog.onclose = () => {
    stream.getTracks().forEach(track => track.stop());
    video.srcObject = null;
    byId("photograph").focus();
  };
  await video.play();
}
