"""The chat page: shows what `answer` finds. Importing it first tells Gradio to reach no outside service."""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads these when it is imported, so they are set here
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"  # it calls itself when it starts, which no proxy should see
