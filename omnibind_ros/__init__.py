"""Recognition from whatever sensors are live: message, array, input, embedding, live set, fusion, label, message."""
